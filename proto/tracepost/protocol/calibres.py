"""The code list of calibres: what is stamped in many spellings has one code here.

Names, aliases and the choice of calibres come from the reference list of Fabian Bastin, which
quotes C.I.P. tables; his codes are not used, because a spreadsheet had turned one into a date.
Metric and gauge names at the end, and common short spellings, were added. A code is part of
signed statements: it is never renamed and never given to another calibre.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

# The list is used under the MIT License, Copyright (c) Fabian Bastin:
#
# Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
# associated documentation files (the "Software"), to deal in the Software without restriction,
# including without limitation the rights to use, copy, modify, merge, publish, distribute,
# sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
# furnished to do so, subject to the following conditions:
#
# The above copyright notice and this permission notice shall be included in all copies or
# substantial portions of the Software.
#
# THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
# NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
# NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
# DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
# OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
#
# One row: code | name | other spellings, separated by semicolons.
_TABLE = """\
17-hornady-magnum-rimfire | .17 Hornady Magnum Rimfire
204-ruger | .204 Ruger | 204 Ruger
22-creedmoor | .22 Creedmoor | 22 Creedmoor
22-hornet | .22 Hornet | 22 Hornet
22-long-rifle | .22 Long Rifle | .22 LR ; .22 L.R.
22-nosler | .22 Nosler | 22 Nosler
22-ppc-usa | .22 PPC-USA | 22 PPC ; 22 PPC-USA
22-winchester-magnum-rimfire | .22 Winchester Magnum Rimfire | .22 WMR
22-250-remington | .22-250 Remington | 22-250 Rem.
220-swift | .220 Swift | 220 Swift
221-remington-fireball | .221 Remington Fireball | 221 Remington Fireball
222-remington | .222 Remington | 222 Rem.
222-remington-magnum | .222 Remington Magnum | 222 Rem. Mag.
223-remington | .223 Remington | 223 Rem. ; .223
223-wssm | .223 WSSM | 223 Winchester Super Short Magnum ; 223 WSSM
224-valkyrie | .224 Valkyrie | 224 Valkyrie
240-weatherby-magnum | .240 Weatherby Magnum | 240 Weatherby Magnum
243-ackley-improved | .243 Ackley Improved | 243 Ackley Imp ; 243 AI ; 243 Ackley Improved
243-winchester | .243 Winchester | 243 Win.
25-acp | .25 ACP | 6.35mm Browning ; 6.35 mm
250-savage | .250 Savage | 250-3000 Savage ; 250 Savage
257-roberts | .257 Roberts | 257 Roberts
257-weatherby-magnum | .257 Weatherby Magnum | 257 Wby. Mag. ; .257 Wby. Magnum
260-remington | .260 Remington | 260 Rem.
270-wsm | .270 WSM | 270 Winchester Short Magnum ; 270 WSM
270-weatherby-magnum | .270 Weatherby Magnum | 270 Weatherby Magnum
270-winchester | .270 Winchester | 270 Win.
280-remington | .280 Remington | 280 Remington
284-winchester | .284 Winchester | 284 Winchester
30-carbine | .30 Carbine | 30 Carbine
30-r-blaser | .30 R Blaser | 30 R Blaser
30-tc | .30 T/C | 30 Thompson Center ; 30 T/C
30-06-springfield | .30-06 Springfield | 30-06 Spring. ; .30-06
30-30-winchester | .30-30 Winchester | 30-30 Win.
300-aac-blackout | .300 AAC Blackout | 300 AAC Blackout ; 300 AAC BLK
300-lapua-magnum | .300 Lapua Magnum | 300 Lapua Magnum
300-norma-magnum | .300 Norma Magnum | 300 Norma Magnum
300-prc | .300 PRC | 300 PRC
300-rcm | .300 RCM | 300 Ruger Compact Magnum ; 300 RCM
300-remington-ultra-magnum | .300 Remington Ultra Magnum | 300 Remington Ultra Magnum ; 300 Rem. Ultra Mag.
300-savage | .300 Savage | 300 Savage
300-wsm | .300 WSM | 300 Winchester Short Magnum ; 300 WSM
300-weatherby-magnum | .300 Weatherby Magnum | 300 Weatherby Magnum
300-winchester-magnum | .300 Winchester Magnum | 300 Win. Mag.
303-british | .303 British | 303 British ; 7.7×56mmR
308-marlin-express | .308 Marlin Express | 308 Marlin Express
308-winchester | .308 Winchester | 308 Win. ; .308
32-acp | .32 ACP | 7.65mm Browning ; 7.65×17mm
32-sandw-long | .32 S&W Long
338-lapua-magnum | .338 Lapua Magnum | 338 Lapua Mag.
338-norma-magnum | .338 Norma Magnum | 338 Norma Mag.
338-winchester-magnum | .338 Winchester Magnum | 338 Winchester ; 338 Win. Mag.
357-magnum | .357 Magnum | 357 Magnum
357-sig | .357 SIG | 357 SIG
375-holland-and-holland-magnum | .375 Holland & Holland Magnum | 375 H&H Mag. ; .375 H&H Magnum
375-ruger | .375 Ruger | 375 Ruger
38-smith-and-wesson-special | .38 Smith & Wesson Special | 38 Special ; .38 Special ; .38 Spl
380-acp | .380 ACP | 380 Auto ; 380 ACP ; 9mm Kurz ; 9 mm Browning court ; 9×17mm ; 9mm Corto ; 9mm Short
40-smith-and-wesson | .40 Smith & Wesson | 40 S&W ; .40 S and W
408-cheyenne-tactical | .408 Cheyenne Tactical
41-remington-magnum | .41 Remington Magnum | 41 Remington Magnum ; 41 Rem. Mag.
416-barrett | .416 Barrett
416-rigby | .416 Rigby | 416 Rigby
44-remington-magnum | .44 Remington Magnum | 44 Rem. Mag. ; .44 Magnum
44-smith-and-wesson-special | .44 Smith & Wesson Special
44-40-winchester | .44-40 Winchester
444-marlin | .444 Marlin | 444 Marlin
45-acp | .45 ACP | 45 Auto ; 45 ACP (Auto) ; .45 Auto
45-colt | .45 Colt | 45 Colt
45-winchester-magnum | .45 Winchester Magnum | 45 Winchester Magnum
45-70-government | .45-70 Government | 45-70 Government ; 45 - 70 Govt.
450-bushmaster | .450 Bushmaster
454-casull | .454 Casull | 454 Casull
458-socom | .458 SOCOM | 458 SOCOM
458-winchester-magnum | .458 Winchester Magnum | 458 Winchester Magnum
460-sandw-magnum | .460 S&W Magnum | 460 S&W Magnum ; 460 S&W
50-action-express | .50 Action Express | 50 Action Express ; 50 AE
50-bmg | .50 BMG | 12.7×99mm ; 12.7×99mm NATO
500-sandw-magnum | .500 S&W Magnum
10.3x60-r | 10.3 × 60 R | 10.3 x 60 R
10mm-auto | 10mm Auto | 10 mm Auto
219-zipper | 219 Zipper
25-06-remington | 25-06 Remington
338-06 | 338-06 | 338-06 A-Square
35-remington | 35 Remington
357-maximum | 357 Maximum | 357 Maximum-T/C ; 357 Rem Max ; 357 Remington Maximum
38-super-auto | 38 Super Auto | 38 Super
4.6x30mm-hk | 4.6×30mm HK | 4.6x30 ; 4.6 mm x 30 ; 4.6mm HK
475-linebaugh | 475 Linebaugh
5.45x39mm | 5.45×39mm | 5.45×39
5.56x45mm-nato | 5.56×45mm NATO | 5.56 NATO ; 5.56x45 ; 5.56 mm x 45 ; SS109 ; M855
5.6x50-r-magnum | 5.6 × 50 R Magnum | 5.6 x 50 R Mag.
5.7x28mm | 5.7×28mm
6-norma-br | 6 Norma BR | 6 mm BR Norma ; 6mm BR Norma ; 6mm BR ; 6BR ; 6mmBR Norma
6-xc | 6 XC | 6mm XC ; 6XC
6.5-creedmoor | 6.5 Creedmoor
6.5-grendel | 6.5 Grendel | 6.5 Grendel AR-15
6.5-prc | 6.5 PRC
6.5-284-norma | 6.5-284 Norma | 6.5 x 284 Norma
6.5x47mm-lapua | 6.5×47mm Lapua | 6.5 x 47 Lapua
6.5x55mm-swedish | 6.5×55mm Swedish | 6.5 x 55mm Swedish Mauser ; 6.5x55 Swedish ; 6.5 x 55 SE ; 6.5×55mm
6.8-western | 6.8 Western
6mm-arc | 6mm ARC | 6 mm ARC
6mm-creedmoor | 6mm Creedmoor | 6 mm Creedmoor
6mm-ppc | 6mm PPC | 6 PPC ; 6 mm PPC-USA ; 6mm PPC-USA
6mm-remington | 6mm Remington | 6 mm Remington
6x47-lapua | 6x47 Lapua
7x57-r | 7 × 57 R | 7 x 57 R
7x65-r | 7 × 65 R | 7 x 65R ; 7 x 65 R
7.5mm-1882-swiss | 7.5mm 1882 Swiss
7.5x54mm-french | 7.5×54mm French
7.5x55mm-swiss | 7.5×55mm Swiss | 7.5 x 55 Swiss
7.62x25mm-tokarev | 7.62×25mm Tokarev | 7.62×25 ; 7.62 Tokarev
7.62x39mm | 7.62×39mm | 7.62 x 39
7.62x51mm-nato | 7.62×51mm NATO | 7.62 NATO ; 7.62x51 ; 7.62 mm x 51
7.62x54mmr | 7.62×54mmR | 7.62 x 54 R ; 7.62×54R ; 7.62×54
7.63x25mm-mauser | 7.63×25mm Mauser
7.65x21mm-parabellum | 7.65×21mm Parabellum
7.65x53mm-argentine | 7.65×53mm Argentine
7mm-br-remington | 7mm BR Remington | 7 mm BR Remington
7mm-prc | 7mm PRC | 7 mm PRC
7mm-rum | 7mm RUM | 7mm Remington Ultra Magnum
7mm-remington-magnum | 7mm Remington Magnum | 7 Rem. Mag.
7mm-wsm | 7mm WSM | 7 mm WSM ; 7mm Winchester Short Magnum
7mm-weatherby-magnum | 7mm Weatherby Magnum
7mm-08-remington | 7mm-08 Remington | 7 mm-08 Remington ; 7 -08 Rem.
7x57mm-mauser | 7×57mm Mauser | 7x57 ; 7x57 Mauser ; 7 x 57
7x64mm-brenneke | 7×64mm Brenneke | 7x64 ; 7x64 Brenneke ; 7 x 64
8x57-irs | 8 × 57 IRS | 8 x 57 IRS
8mm-lebel-revolver | 8mm Lebel Revolver
8x50mmr-lebel | 8×50mmR Lebel
8x57mm-is | 8×57mm IS (8mm Mauser) | 8x57 Mauser ; 8x57 IS ; 8x57 JS ; 8x57 ; 7.92×57mm ; 8mm Mauser
8x68mm-s | 8×68mm S | 8 x 68 S
9x23-winchester | 9 × 23 Winchester | 9 x 23 Winchester
9.3x64-brenneke | 9.3 × 64 Brenneke | 9.3 x 64 Brenneke
9.3x62mm-mauser | 9.3×62mm Mauser | 9.3x62 Mauser ; 9.3x62 ; 9.3 x 62
9.3x74mmr | 9.3×74mmR | 9.3 x 74 R
9x18mm-makarov | 9×18mm Makarov | 9mm Makarov ; 9×18 ; 9×18 ПМ ; 9мм ПМ
9x19mm-parabellum | 9×19mm Parabellum | 9 mm Luger ; 9x19 mm ; 9x19 ; 9mm Parabellum ; 9mm Para ; 9mm Luger
9x21mm-imi | 9×21mm IMI
7.62x38mmr-nagant | 7.62×38mmR Nagant | 7.62mm Nagant ; 7.62×38R
12.7x108mm | 12.7×108mm | 12.7×108
14.5x114mm | 14.5×114mm | 14.5×114
40x46mm | 40×46mm | 40mm low velocity
40x53mm | 40×53mm | 40mm high velocity
12-gauge | 12 gauge | 12/70 ; 12 bore ; 12 GA
16-gauge | 16 gauge | 16 bore ; 16 GA
20-gauge | 20 gauge | 20 bore ; 20 GA
410-bore | .410 bore | .410 ; 410 gauge
"""

# Cyrillic and Greek letters that stand where a Latin x stands between two measures.
_TIMES: Final = str.maketrans({"×": "x", "х": "x", "Х": "x", "χ": "x", "*": "x", "м": "m", "М": "m"})

_NOISE: Final = re.compile(r"\bcal(?:ib(?:re|er))?\b|mm(?=[^a-z]|r?\b)|[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class Calibre:
    """One calibre: its code on the wire, its name, and spellings seen."""

    code: str
    name: str
    spellings: tuple[str, ...]


def calibre_codes(text: str) -> tuple[str, ...]:
    """Return the codes that `text`, as stamped or typed, may mean: none, one or several.

    Only a spelling of the table is recognised: "9 mm" alone is stamped on too many things.
    """
    return _CODES_BY_KEY.get(_key(text), ())


def _key(text: str) -> str:
    return _NOISE.sub("", text.translate(_TIMES).lower())


def _calibres() -> dict[str, Calibre]:
    rows = ([cell.strip() for cell in line.split("|")] for line in _TABLE.splitlines())
    return {code: Calibre(code, name, _spellings(rest)) for code, name, *rest in rows}


def _spellings(rest: list[str]) -> tuple[str, ...]:
    return tuple(spelling.strip() for cell in rest for spelling in cell.split(";"))


def _by_key() -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for calibre in CALIBRES.values():
        for spelling in (calibre.code, calibre.name, *calibre.spellings):
            found.setdefault(_key(spelling), set()).add(calibre.code)
    return {key: tuple(sorted(codes)) for key, codes in found.items()}


CALIBRES: Final = MappingProxyType(_calibres())
"""Code → calibre."""

_CODES_BY_KEY: Final = _by_key()
