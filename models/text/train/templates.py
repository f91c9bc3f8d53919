"""The sentences, in two sets that share none: one to learn from, one to be judged by.

`{noun}`, `{other}`, `{verb}`, `{trait}` are words of the topic; `{stray}` is a noun of another topic, since people
mention more than the matter. The rest says nothing of the topic.
"""

from typing import NamedTuple


class Templates(NamedTuple):
    """Sentences by what they are for."""

    greetings: list[str]
    # At least one in every text: they carry the matter.
    matters: list[str]
    # Maybe: of the topic, but with little in them.
    details: list[str]
    # Of another topic, or of none.
    asides: list[str]
    closings: list[str]


LEARNING = Templates(
    greetings=[
        "Hello,",
        "Hi there,",
        "Dear team,",
        "Good morning",
        "hi",
        "Dear {shop},",
        "To whom it may concern,",
        "hey guys,",
        "",
        "",
    ],
    matters=[
        "I have a problem with the {noun}.",
        "The {noun} is {trait} and I cannot {verb} it.",
        "My {noun} is {trait}.",
        "Why is the {noun} {trait}?",
        "I tried to {verb} the {noun} {when} but nothing happened.",
        "How do I {verb} the {noun}?",
        "Could you please {verb} my {noun}?",
        "There is something wrong with my {noun} and the {other}.",
        "I would like to {verb}, please tell me how.",
        "Is the {noun} really {trait}?",
        "I was told to {verb} the {noun} first.",
        "Your page about the {noun} does not say how to {verb}.",
        "We need to {verb} the {noun} before the weekend.",
        "it says the {noun} is {trait}",
        "The {noun} and the {other} do not match.",
        "Nobody could {verb} it for me {when}.",
        "what happened to my {noun}??",
        "I do not understand the {noun}.",
        "I asked {when} about the {noun} and got no answer.",
        "Please look at the {noun}, it is {trait}.",
        "Can somebody {verb} this?",
        "I found the {noun} {trait} {when}.",
        "The {noun} should not be {trait}.",
        "I am waiting for somebody to {verb} my {noun}.",
    ],
    details=[
        "It was fine before.",
        "The {other} is involved too.",
        "I attached a picture of the {other}.",
        "It has been {trait} for days.",
        "I have already tried to {verb} it.",
        "My reference is {number}.",
        "This is the second time.",
        "The number on it is {number}.",
        "I noticed it {when}.",
    ],
    asides=[
        "The {stray} was fine, by the way.",
        "I was happy with the {stray}.",
        "This is not about the {stray}.",
        "{person} from your team was very kind.",
        "I have been a customer of {shop} for years.",
        "I know you are busy.",
        "My partner asked about the {stray} last year.",
        "I read the page on the {stray} and it did not help.",
    ],
    closings=[
        "Thanks, {person}",
        "Best regards, {person}",
        "Please help!",
        "Thank you in advance",
        "Waiting for your answer.",
        "cheers {person}",
        "",
        "",
        "🙏",
    ],
)

HELD_OUT = Templates(
    greetings=[
        "Good afternoon,",
        "Hey,",
        "Greetings from {person},",
        "Ladies and gentlemen,",
        "yo",
        "Attention {shop}!",
        "",
        "",
    ],
    matters=[
        "Something strange is going on: {noun} {trait}.",
        "We cannot {verb} anything any more.",
        "Need help with {noun} and {other}",
        "{when} the {noun} turned out to be {trait}, which I did not expect.",
        "Who is responsible for the {noun}?",
        "Am I allowed to {verb} the {noun} myself?",
        "Would it be possible to {verb}?",
        "Apparently a {noun} can be {trait}, nobody warned me.",
        "Explain to me how one is supposed to {verb} a {noun}.",
        "Got a {trait} {noun} here.",
        "URGENT: {noun}",
        "In short, {noun} {trait}, {other} likewise.",
        "My daughter wanted to {verb} her {noun} and failed.",
        "Every attempt to {verb} ends with the {noun} being {trait}.",
        "Your colleague promised to {verb} the {noun} {when}.",
        "Regarding {noun}: still {trait}.",
        "Which {noun} do I need in order to {verb}?",
        "Since {when} I keep trying to {verb}.",
    ],
    details=[
        "Case {number}, as before.",
        "Maybe the {other} plays a part.",
        "See the enclosed photo.",
        "Others told me to {verb} instead.",
        "Never had that in ten years.",
        "Also {trait}, as far as one can tell.",
        "It started {when}.",
    ],
    asides=[
        "As for the {stray}, no complaints there.",
        "Forget what {person} wrote concerning the {stray}.",
        "Sorry for my English.",
        "Usually {shop} does better than that.",
        "You handled the {stray} well back then.",
        "Do not send me to the {stray} department again.",
    ],
    closings=[
        "Yours sincerely, {person}",
        "Looking forward to hearing from {shop}.",
        "Do something.",
        "Many thanks!",
        "xx {person}",
        "👍",
        "",
        "",
    ],
)
