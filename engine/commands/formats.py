"""Formats by the names that designers know them by, with their aspect."""

from __future__ import annotations

import re

# Width:height as the services state them today; papers as ISO 216 and ANSI sizes in their smallest whole numbers.
_UPRIGHT = {
    "a0": "841:1189", "a1": "594:841", "a2": "420:594", "a3": "297:420", "a4": "210:297", "a5": "148:210",
    "a6": "105:148",
    "us letter": "17:22", "letter size": "17:22", "us legal": "17:28", "tabloid": "11:17",
}  # fmt: skip
_NAMED = {
    "instagram story": "9:16", "instagram stories": "9:16", "insta story": "9:16", "ig story": "9:16", "story": "9:16",
    "stories": "9:16", "instagram reel": "9:16", "instagram reels": "9:16", "ig reel": "9:16", "reel": "9:16",
    "reels": "9:16", "tiktok": "9:16", "tiktok video": "9:16", "tik tok": "9:16", "youtube short": "9:16",
    "youtube shorts": "9:16", "shorts": "9:16", "snapchat": "9:16", "snapchat story": "9:16", "facebook story": "9:16",
    "phone wallpaper": "9:16", "mobile wallpaper": "9:16", "phone screen": "9:16", "vertical video": "9:16",
    "instagram post": "1:1", "insta post": "1:1", "ig post": "1:1", "instagram": "1:1", "instagram square": "1:1",
    "square": "1:1", "a square": "1:1", "profile picture": "1:1", "profile photo": "1:1", "avatar": "1:1",
    "square format": "1:1", "album cover": "1:1", "instagram carousel": "4:5",
    "instagram portrait": "4:5", "instagram portrait post": "4:5", "portrait post": "4:5", "instagram feed": "4:5",
    "instagram landscape": "191:100", "facebook post": "191:100", "linkedin post": "191:100", "link preview": "191:100",
    "open graph": "191:100", "og image": "191:100", "facebook ad": "1:1",
    "youtube thumbnail": "16:9", "youtube video": "16:9", "youtube": "16:9", "thumbnail": "16:9", "widescreen": "16:9",
    "full hd": "16:9", "hd video": "16:9", "presentation": "16:9", "slide": "16:9", "powerpoint slide": "16:9",
    "keynote slide": "16:9", "twitter post": "16:9", "tweet": "16:9", "x post": "16:9", "desktop wallpaper": "16:9",
    "youtube banner": "16:9", "youtube channel art": "16:9", "twitch banner": "16:9", "tv": "16:9",
    "wide screen": "16:9",
    "facebook cover": "205:78", "facebook banner": "205:78", "facebook header": "205:78",
    "facebook cover photo": "205:78",
    "facebook event cover": "40:21", "linkedin banner": "4:1", "linkedin cover": "4:1", "linkedin header": "4:1",
    "twitter header": "3:1", "twitter banner": "3:1", "x header": "3:1", "x banner": "3:1",
    "pinterest": "2:3", "pinterest pin": "2:3", "pin": "2:3", "book cover": "2:3", "movie poster": "2:3",
    "poster": "2:3",
    "leaderboard": "728:90", "leaderboard banner": "728:90", "leaderboard ad": "728:90", "skyscraper": "160:600",
    "wide skyscraper": "160:600", "medium rectangle": "300:250", "billboard": "970:250", "billboard ad": "970:250",
    "half page ad": "300:600", "mobile banner": "320:50", "large rectangle": "336:280", "mpu": "300:250",
    "cinemascope": "2.39:1", "ultrawide": "21:9", "ultra wide": "21:9", "golden ratio": "1.618:1",
    "business card": "85:55",
    "postcard": "3:2", "dvd cover": "2:3", "email header": "3:1", "polaroid format": "1:1", "35mm": "3:2",
}  # fmt: skip
_PAPERS = "|".join(_UPRIGHT)
_NAMES = "|".join(sorted(map(re.escape, _NAMED), key=len, reverse=True))
_WIDE = r"(?:landscape|horizontal|sideways|wide)"
_TALL = r"(?:portrait|vertical|upright)"
FORMAT = (
    r"(?:(?:an? |the )?(?:(?:vertical|horizontal|wide|landscape|portrait) "
    rf")?(?:(?P<size>\d{{1,5}}x\d{{1,5}})(?:px)?|(?P<ratio>-?\d+(?:\.\d+)?:-?\d+(?:\.\d+)?)"
    r"|(?P<by>\d+(?:\.\d+)? (?:by|to|x|/) \d+(?:\.\d+)?))"
    rf"|(?:an? |the )?(?:(?P<wide>{_WIDE}) )?(?P<paper>{_PAPERS})(?: (?P<wide2>{_WIDE})| {_TALL})?|(?:an? |the "
    rf")?{_TALL} (?P<paper2>{_PAPERS})"
    rf"|(?:an? |the |my |our )?(?P<name>{_NAMES}))"
)
_FORMAT = re.compile(FORMAT)


def aspect_of(match: re.Match[str]) -> str:
    """The aspect of a match of `FORMAT`, as ``w:h``."""
    groups = match.groupdict()
    if size := groups["size"]:
        return size.replace("x", ":")
    if ratio := groups["ratio"]:
        return ratio
    if by := groups["by"]:
        return re.sub(r" (?:by|to|x|/) ", ":", by)
    if paper := groups["paper"] or groups["paper2"]:
        width, height = _UPRIGHT[paper].split(":")
        return f"{height}:{width}" if groups["wide"] or groups["wide2"] else f"{width}:{height}"
    return _NAMED[groups["name"]]


def format_words() -> frozenset[str]:
    """Every word of a format's name."""
    return frozenset(word for name in _NAMED for word in name.split())
