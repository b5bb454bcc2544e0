"""The kinds of due rows that the clockwork looks for, each with its handler; posts have their own worker."""



