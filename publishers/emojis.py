"""What is one emoji, however many code points it has (Unicode Technical Standard 51)."""

import regex

#: Signs of older sets, such as ©, are letters unless a variation selector follows.
EMOJI = regex.compile(
    r"[#*0-9]\uFE0F?\u20E3|\p{Regional_Indicator}{2}|\U0001F3F4[\U000E0020-\U000E007E]++\U000E007F|"
    r"[©®]\uFE0F|(?![©®])(?:\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?+)"
    r"(?:\u200D\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?+)*+"
)
