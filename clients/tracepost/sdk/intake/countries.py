"""Countries as people write them, to ISO 3166-1 alpha-3.

English names follow CLDR (Copyright (c) Unicode, Inc., Unicode License v3); other
spellings seen on forms stand beside them. States that made weapons and are gone keep
their old code (ISO 3166-3): a mark of 1975 is of the Soviet Union and not of a successor.
User-assigned codes such as XAA stand for the fictional states of exercises.
"""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import Final

# One row: alpha-3 | alpha-2 | name | other spellings, separated by semicolons.
_TABLE = """\
ABW | AW | Aruba
AFG | AF | Afghanistan
AGO | AO | Angola
AIA | AI | Anguilla
ALA | AX | Åland Islands
ALB | AL | Albania
AND | AD | Andorra
ARE | AE | United Arab Emirates | UAE
ARG | AR | Argentina
ARM | AM | Armenia
ASM | AS | American Samoa
ATA | AQ | Antarctica
ATF | TF | French Southern Territories
ATG | AG | Antigua & Barbuda | Antigua and Barbuda
AUS | AU | Australia
AUT | AT | Austria | Österreich
AZE | AZ | Azerbaijan
BDI | BI | Burundi
BEL | BE | Belgium | Belgique
BEN | BJ | Benin
BES | BQ | Caribbean Netherlands
BFA | BF | Burkina Faso
BGD | BD | Bangladesh
BGR | BG | Bulgaria
BHR | BH | Bahrain
BHS | BS | Bahamas
BIH | BA | Bosnia & Herzegovina | Bosnia ; Bosnia and Herzegovina
BLM | BL | St. Barthélemy | Saint Barthélemy
BLR | BY | Belarus
BLZ | BZ | Belize
BMU | BM | Bermuda
BOL | BO | Bolivia
BRA | BR | Brazil | Brasil
BRB | BB | Barbados
BRN | BN | Brunei
BTN | BT | Bhutan
BVT | BV | Bouvet Island
BWA | BW | Botswana
CAF | CF | Central African Republic
CAN | CA | Canada
CCK | CC | Cocos (Keeling) Islands
CHE | CH | Switzerland | Suisse ; Schweiz
CHL | CL | Chile
CHN | CN | China | People's Republic of China ; PRC
CIV | CI | Côte d’Ivoire | Ivory Coast
CMR | CM | Cameroon
COD | CD | Congo - Kinshasa | DR Congo ; Democratic Republic of the Congo ; Zaire
COG | CG | Congo - Brazzaville | Republic of the Congo ; Congo
COK | CK | Cook Islands
COL | CO | Colombia
COM | KM | Comoros
CPV | CV | Cape Verde | Cape Verde
CRI | CR | Costa Rica
CUB | CU | Cuba
CUW | CW | Curaçao
CXR | CX | Christmas Island
CYM | KY | Cayman Islands
CYP | CY | Cyprus
CZE | CZ | Czechia | Czech Republic
DEU | DE | Germany | Deutschland ; West Germany
DJI | DJ | Djibouti
DMA | DM | Dominica
DNK | DK | Denmark
DOM | DO | Dominican Republic
DZA | DZ | Algeria
ECU | EC | Ecuador
EGY | EG | Egypt
ERI | ER | Eritrea
ESH | EH | Western Sahara
ESP | ES | Spain | España
EST | EE | Estonia
ETH | ET | Ethiopia
FIN | FI | Finland
FJI | FJ | Fiji
FLK | FK | Falkland Islands
FRA | FR | France
FRO | FO | Faroe Islands
FSM | FM | Micronesia
GAB | GA | Gabon
GBR | GB | United Kingdom | Great Britain ; England ; Britain ; UK ; U.K.
GEO | GE | Georgia
GGY | GG | Guernsey
GHA | GH | Ghana
GIB | GI | Gibraltar
GIN | GN | Guinea
GLP | GP | Guadeloupe
GMB | GM | Gambia
GNB | GW | Guinea-Bissau
GNQ | GQ | Equatorial Guinea
GRC | GR | Greece
GRD | GD | Grenada
GRL | GL | Greenland
GTM | GT | Guatemala
GUF | GF | French Guiana
GUM | GU | Guam
GUY | GY | Guyana
HKG | HK | Hong Kong SAR China | Hong Kong
HMD | HM | Heard & McDonald Islands | Heard and McDonald Islands
HND | HN | Honduras
HRV | HR | Croatia
HTI | HT | Haiti
HUN | HU | Hungary
IDN | ID | Indonesia
IMN | IM | Isle of Man
IND | IN | India
IOT | IO | British Indian Ocean Territory
IRL | IE | Ireland
IRN | IR | Iran | Islamic Republic of Iran ; Persia
IRQ | IQ | Iraq
ISL | IS | Iceland
ISR | IL | Israel
ITA | IT | Italy | Italia
JAM | JM | Jamaica
JEY | JE | Jersey
JOR | JO | Jordan
JPN | JP | Japan
KAZ | KZ | Kazakhstan
KEN | KE | Kenya
KGZ | KG | Kyrgyzstan
KHM | KH | Cambodia
KIR | KI | Kiribati
KNA | KN | St. Kitts & Nevis | St. Kitts and Nevis ; Saint Kitts & Nevis
KOR | KR | South Korea | Korea ; Republic of Korea ; Korea, South
KWT | KW | Kuwait
LAO | LA | Laos | Lao PDR
LBN | LB | Lebanon
LBR | LR | Liberia
LBY | LY | Libya
LCA | LC | St. Lucia | Saint Lucia
LIE | LI | Liechtenstein
LKA | LK | Sri Lanka
LSO | LS | Lesotho
LTU | LT | Lithuania
LUX | LU | Luxembourg
LVA | LV | Latvia
MAC | MO | Macao SAR China | Macau ; Macao
MAF | MF | St. Martin | Saint Martin
MAR | MA | Morocco
MCO | MC | Monaco
MDA | MD | Moldova
MDG | MG | Madagascar
MDV | MV | Maldives
MEX | MX | Mexico
MHL | MH | Marshall Islands
MKD | MK | North Macedonia | Macedonia
MLI | ML | Mali
MLT | MT | Malta
MMR | MM | Myanmar (Burma) | Myanmar ; Burma
MNE | ME | Montenegro
MNG | MN | Mongolia
MNP | MP | Northern Mariana Islands
MOZ | MZ | Mozambique
MRT | MR | Mauritania
MSR | MS | Montserrat
MTQ | MQ | Martinique
MUS | MU | Mauritius
MWI | MW | Malawi
MYS | MY | Malaysia
MYT | YT | Mayotte
NAM | NA | Namibia
NCL | NC | New Caledonia
NER | NE | Niger
NFK | NF | Norfolk Island
NGA | NG | Nigeria
NIC | NI | Nicaragua
NIU | NU | Niue
NLD | NL | Netherlands | Holland
NOR | NO | Norway
NPL | NP | Nepal
NRU | NR | Nauru
NZL | NZ | New Zealand
OMN | OM | Oman
PAK | PK | Pakistan
PAN | PA | Panama
PCN | PN | Pitcairn Islands
PER | PE | Peru
PHL | PH | Philippines
PLW | PW | Palau
PNG | PG | Papua New Guinea
POL | PL | Poland
PRI | PR | Puerto Rico
PRK | KP | North Korea | DPRK ; Korea, North
PRT | PT | Portugal
PRY | PY | Paraguay
PSE | PS | Palestinian Territories | Palestine ; State of Palestine
PYF | PF | French Polynesia
QAT | QA | Qatar
REU | RE | Réunion
ROU | RO | Romania
RUS | RU | Russia | Russian Federation ; Россия
RWA | RW | Rwanda
SAU | SA | Saudi Arabia
SDN | SD | Sudan
SEN | SN | Senegal
SGP | SG | Singapore
SGS | GS | South Georgia & South Sandwich Islands | South Georgia and South Sandwich Islands
SHN | SH | St. Helena | Saint Helena
SJM | SJ | Svalbard & Jan Mayen | Svalbard and Jan Mayen
SLB | SB | Solomon Islands
SLE | SL | Sierra Leone
SLV | SV | El Salvador
SMR | SM | San Marino
SOM | SO | Somalia
SPM | PM | St. Pierre & Miquelon | St. Pierre and Miquelon ; Saint Pierre & Miquelon
SRB | RS | Serbia
SSD | SS | South Sudan
STP | ST | São Tomé & Príncipe | São Tomé and Príncipe
SUR | SR | Suriname
SVK | SK | Slovakia
SVN | SI | Slovenia
SWE | SE | Sweden
SWZ | SZ | Eswatini | Swaziland
SXM | SX | Sint Maarten
SYC | SC | Seychelles
SYR | SY | Syria | Syrian Arab Republic
TCA | TC | Turks & Caicos Islands | Turks and Caicos Islands
TCD | TD | Chad
TGO | TG | Togo
THA | TH | Thailand
TJK | TJ | Tajikistan
TKL | TK | Tokelau
TKM | TM | Turkmenistan
TLS | TL | Timor-Leste
TON | TO | Tonga
TTO | TT | Trinidad & Tobago | Trinidad and Tobago
TUN | TN | Tunisia
TUR | TR | Türkiye | Turkey
TUV | TV | Tuvalu
TWN | TW | Taiwan | Republic of China
TZA | TZ | Tanzania
UGA | UG | Uganda
UKR | UA | Ukraine | Україна
UMI | UM | U.S. Outlying Islands
URY | UY | Uruguay
USA | US | United States | United States of America ; U.S.A. ; U.S. ; America
UZB | UZ | Uzbekistan
VAT | VA | Vatican City
VCT | VC | St. Vincent & Grenadines | St. Vincent and Grenadines ; Saint Vincent & Grenadines
VEN | VE | Venezuela
VGB | VG | British Virgin Islands
VIR | VI | U.S. Virgin Islands
VNM | VN | Vietnam | Viet Nam
VUT | VU | Vanuatu
WLF | WF | Wallis & Futuna | Wallis and Futuna
WSM | WS | Samoa
XKK | XK | Kosovo
YEM | YE | Yemen
ZAF | ZA | South Africa
ZMB | ZM | Zambia
ZWE | ZW | Zimbabwe
CSK | CS | Czechoslovakia
DDR | DD | East Germany | German Democratic Republic ; GDR ; DDR
SCG |  | Serbia and Montenegro
SUN | SU | Soviet Union | USSR ; U.S.S.R. ; СССР
YUG | YU | Yugoslavia | SFRY
"""
# ISO 3166-1, 8.1.3: codes that users may assign.
_USER_ASSIGNED: Final = re.compile(r"(?:AA[A-Z]|Q[M-Z][A-Z]|X[A-Z]{2}|ZZ[A-Z])\Z")


def country_code(text: str) -> str | None:
    """Return the alpha-3 code of a country given by code or name; None when it is not plain."""
    upper = text.strip().upper()
    if upper in _BY_CODE:
        return _BY_CODE[upper]
    return upper if _USER_ASSIGNED.match(upper) else _BY_NAME.get(_plain(text))


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in letters if sign.isalnum())


def _rows() -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in _TABLE.splitlines()]


def _names(row: list[str]) -> list[str]:
    return [row[2], *(";".join(row[3:]).split(";") if len(row) > 3 else [])]


_BY_CODE: Final = MappingProxyType({code: row[0] for row in _rows() for code in row[:2] if code})
_BY_NAME: Final = MappingProxyType({_plain(name): row[0] for row in _rows() for name in _names(row)})
