"""What is said when experiments are started, filled and ended, for translation."""

from web.i18n import marked as N_

KNOWN = (
    # Names and arms (domain.experiment).
    N_("Give the experiment a name of 1 to %(most)s characters."),
    N_("A question has at most %(most)s characters."),
    N_("Name %(fewest)s to %(most)s arms: the things that are compared."),
    N_("The name of an arm has at most %(most)s characters: '%(name)s' has more."),
    N_("Two arms have the same name: name them apart."),
    N_("There is no arm '%(arm)s'. Its arms: %(arms)s."),
    # What decides (analytics.trials).
    N_(
        "%(metric)s cannot decide an experiment: choose a figure of single posts of which more is "
        "better, such "
        "as engagement, clicks or ctr_impr."
    ),
    N_("Posts are not read at that age. Choose one of: %(ages)s."),
    # Starting (scheduler.experiments).
    N_("An experiment may be looked at always, or is judged once (fixed)."),
    N_("Look for an effect of %(least)s to %(most)s percent."),
    N_("Plan 5 to %(most)s posts for each arm."),
    N_("%(platform)s does not supply what %(metric)s needs: choose another figure or channel."),
    N_("There is an experiment called '%(name)s' already: choose another name."),
    N_(
        "The experiment '%(name)s' runs on %(channel)s already, and one would disturb the other. End "
        "it first, "
        "choose another channel, or say that this one runs beside it."
    ),
    N_(
        "Too few past posts of these channels have that figure at that age to say how many posts it "
        "takes: say "
        "how many each arm gets, or the last day."
    ),
    N_(
        "It takes about %(number)s posts in each arm to find so small an effect. Look for a larger "
        "one, or say "
        "how many posts each arm gets or the last day."
    ),
    # Posts of arms.
    N_("Name at least one post."),
    N_("Post %(number)s is on a channel that the experiment '%(name)s' does not concern."),
    N_(
        "The figures of post %(number)s are known already: whoever moved it or took it out now would choose "
        "the result. Leave it as it is, or give the experiment up."
    ),
    N_("An experiment has at most %(most)s posts."),
    N_("Post %(number)s belongs to the experiment '%(name)s' already: a post belongs to one only."),
    N_("Post %(number)s is in no arm of the experiment '%(name)s'."),
    N_("The experiment '%(name)s' is over: its result stays as it is."),
    N_(
        "There is nothing to draw yet: queue posts of at least two arms on the same channel, each with "
        "its hour."
    ),
    # As histories tell it.
    N_("drew hours"),
    N_("drew its hour"),
    N_("started experiment"),
    N_("added posts"),
    N_("removed a post"),
    N_("ended experiment"),
    N_("gave up experiment"),
)
