"""How large things usually are, so that a mug beside a cat comes out as a mug: by nouns alone, no picture is looked at.

Values are the longest visible extent in metres, as everyday knowledge has it (a sitting cat, a standing person, a car
from the side). They are compared, never shown as facts about what is in a picture.
"""

from __future__ import annotations

_METRES: dict[float, str] = {
    0.03: "ring coin key button bee butterfly ladybird ladybug strawberry grape cherry pill egg stamp earring",
    0.07: "ball tennisball watch lemon lime plum kiwi peach tomato mouse muffin cupcake candle badge",
    0.09: "apple orange pear onion card glass cup donut doughnut croissant soap perfume",
    0.11: "mug tumbler can jar bowl sandwich burger budgie budgerigar sparrow parakeet potion camera",
    0.15: "phone smartphone banana glasses sunglasses pen pencil wallet pinecone cake vitamins supplement lipstick",
    0.18: "robin finch tulip rose hand book notebook carrot toothbrush fork spoon knife hammer pastry",
    0.22: "container pot flowerpot shoe sneaker trainer boot kettle teapot plate pizza jug pitcher hat cap helmet",
    0.27: "bottle wine vase bread loaf tablet pineapple football melon hamster headphones toaster lantern",
    0.32: "flower pigeon dove crow parrot duckling handbag purse pan lamp laptop squirrel racket bouquet",
    0.45: "cat kitten rabbit bunny duck chicken hen puppy backpack bag pillow cushion basket bucket guitarcase plant",
    0.60: "gull seagull owl fox chair stool suitcase tv television monitor drum microwave turtle goose pumpkinpile",
    0.80: "dog skateboard snowboard toddler baby bush eagle swan sheepdog peacock bollard wheelbarrow",
    1.00: "table desk guitar goat sheep lamb pig child kid boy girl stroller umbrella kite balloon",
    1.70: (
        "man woman person people lady guy model player skier snowboarder surfer teacher doctor chef worker bride groom "
        "dancer runner boyfriend girlfriend friend husband wife mother father mum mom dad grandma grandpa king queen "
        "deer bench bike bicycle bed fridge door motorbike motorcycle moped scooter sign figure statue cow donkey"
    ),
    2.10: "sofa couch horse motorcycles piano wardrobe dolphin boat canoe kayak surfboard camel lion tiger bear",
    3.50: "elephant giraffe shed rowboat fountain streetlight lamppost billboard",
    4.50: "car taxi van shark jeep tent",
    9.00: "bus truck lorry tree caravan tram yacht sailboat helicopter house cottage whale hut",
    30.0: "plane airplane aeroplane jet airliner ship train church lighthouse tower building castle barn",
}
_OF_NOUN: dict[str, float] = {noun: metres for metres, nouns in _METRES.items() for noun in nouns.split()}
# What is in the air when nothing else is said: it stands on nothing and casts no shadow beside itself.
_FLIES = frozenset(
    "plane airplane aeroplane jet airliner helicopter gull seagull eagle balloon kite butterfly bee cloud moon sun "
    "drone ufo spaceship bat star rainbow".split()
)
# What other things stand on; none of them is what a picture is of.
SURFACES = frozenset(
    "table desk shelf counter worktop plate tray board windowsill sill wall fence roof cupboard cabinet dresser mantel "
    "mantelpiece rug carpet mat blanket bench seat sofa couch bed chair armchair stool pedestal podium stage rock log "
    "stump step stairs".split()
)
GROUNDS = frozenset(
    "ground floor grass lawn street road pavement sidewalk path sand snow ice beach field meadow court tiles earth "
    "asphalt deck".split()
)
# What is worn, not placed: that takes knowing the body.
WORN = frozenset(
    "dress shirt t-shirt tshirt jacket coat trousers pants jeans skirt suit shoes shoe sneakers boots hat cap helmet "
    "glasses sunglasses scarf tie sweater jumper hoodie gloves glove watch necklace earrings ring wig mask crown hair "
    "hairstyle beard tattoo makeup outfit clothes face head".split()
)


def metres_of(noun: str) -> float | None:
    """The usual longest extent of what the noun names, in metres; None when it is not known.

    The noun's last word counts (“coffee mug”), then those before; plural or singular.
    """
    for word in reversed(noun.casefold().replace("'s", "").split()):
        for form in _forms(word):
            if form in _OF_NOUN:
                return _OF_NOUN[form]
    return None


def flies(noun: str) -> bool:
    """Whether what the noun names is usually in the air."""
    return is_one_of(noun, _FLIES)


def is_one_of(noun: str, nouns: frozenset[str]) -> bool:
    """Whether the noun's last word is one of these."""
    words = noun.casefold().split()
    return bool(words) and any(form in nouns for form in _forms(words[-1]))


def _forms(word: str) -> tuple[str, ...]:
    return (word, word.removesuffix("s"), word.removesuffix("es"))
