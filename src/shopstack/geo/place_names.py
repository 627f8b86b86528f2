"""Names that no data set gives in the form a customer types: short names of large cities, names in the country's own
language, and the codes by which Shopify calls provinces. Read by `make_places.py` only.
"""

from __future__ import annotations

NICKNAMES: dict[tuple[str, str, str], tuple[str, ...]] = {
    ("US", "NY", "New York City"): (
        "New York",
        "NYC",
        "NY",
        "New York NY",
        "NY City",
        "Bronx",
        "Flushing",
        "Long Island City",
        "Rockaway Park",
        "Roosevelt Island",
        "Saint Albans",
    ),
    ("US", "CA", "Los Angeles"): ("LA", "Los Angeles CA"),
    ("US", "CA", "San Francisco"): ("SF", "San Fran", "S F"),
    ("US", "CA", "Ventura"): ("San Buenaventura",),
    ("US", "CO", "Colorado Springs"): ("Colo Springs", "Co Springs"),
    ("US", "DC", "Washington"): ("Washington DC", "Washington D C", "DC", "District of Columbia"),
    ("US", "FL", "Saint Petersburg"): ("St Pete", "Saint Pete"),
    ("US", "GA", "Atlanta"): ("ATL",),
    ("US", "ID", "Boise"): ("Boise City",),
    ("US", "IL", "Chicago"): ("Chi",),
    ("US", "IN", "Indianapolis"): ("Indy",),
    ("US", "KY", "Lexington"): ("Lexington Fayette",),
    ("US", "LA", "New Orleans"): ("NOLA",),
    ("US", "MN", "Minneapolis"): ("Mpls",),
    ("US", "MO", "Kansas City"): ("KC", "KCMO"),
    ("US", "MO", "St. Louis"): ("STL",),
    ("US", "NV", "Las Vegas"): ("Vegas", "LV"),
    ("US", "OK", "Oklahoma City"): ("OKC",),
    ("US", "PA", "Philadelphia"): ("Philly", "Phila"),
    ("US", "TN", "Nashville"): ("Nashville Davidson",),
    ("US", "TX", "Dallas"): ("DFW",),
    ("US", "TX", "Fort Worth"): ("FTW",),
    ("US", "UT", "Salt Lake City"): ("SLC", "Salt Lake"),
    ("US", "VA", "Virginia Beach"): ("VA Beach", "Va Bch"),
    ("CA", "ON", "Toronto"): ("Etobicoke", "East York", "North York", "Scarborough", "York"),
    ("CA", "QC", "Montréal"): ("Mtl",),
    ("AT", "", "Vienna"): ("Wien",),
    ("BE", "", "Antwerp"): ("Antwerpen", "Anvers"),
    ("BE", "", "Brussels"): ("Bruxelles", "Brussel"),
    ("BE", "", "Brugge"): ("Bruges",),
    ("BE", "", "Gent"): ("Ghent", "Gand"),
    ("CH", "", "Geneva"): ("Genève", "Genf"),
    ("CH", "", "Basel"): ("Bâle",),
    ("CH", "", "Bern"): ("Berne",),
    ("CH", "", "Lucerne"): ("Luzern",),
    ("CZ", "", "Prague"): ("Praha",),
    ("DE", "", "Köln"): ("Cologne",),
    ("DE", "", "Munich"): ("München", "Muenchen"),
    ("DE", "", "Nürnberg"): ("Nuremberg",),
    ("DE", "", "Hannover"): ("Hanover",),
    ("DK", "", "Copenhagen"): ("København", "Kobenhavn"),
    ("ES", "", "Sevilla"): ("Seville",),
    ("FI", "", "Helsinki"): ("Helsingfors",),
    ("GR", "", "Athens"): ("Athina",),
    ("IE", "", "Dublin"): ("Baile Átha Cliath", "Dublin City"),
    ("IT", "", "Florence"): ("Firenze",),
    ("IT", "", "Genoa"): ("Genova",),
    ("IT", "", "Milan"): ("Milano",),
    ("IT", "", "Naples"): ("Napoli",),
    ("IT", "", "Padova"): ("Padua",),
    ("IT", "", "Rome"): ("Roma",),
    ("IT", "", "Turin"): ("Torino",),
    ("IT", "", "Venice"): ("Venezia",),
    ("NL", "", "The Hague"): ("Den Haag", "'s-Gravenhage"),
    ("NO", "", "Oslo"): ("Kristiania",),
    ("PL", "", "Kraków"): ("Cracow",),
    ("PL", "", "Warsaw"): ("Warszawa",),
    ("PT", "", "Lisbon"): ("Lisboa",),
    ("PT", "", "Porto"): ("Oporto",),
    ("RO", "", "Bucharest"): ("București",),
    ("SE", "", "Göteborg"): ("Gothenburg",),
}
"""By country, province and the source's name."""

WHOLE_COUNTY_CITIES = {
    "36005": "New York City",
    "36047": "New York City",
    "36061": "New York City",
    "36081": "New York City",
    "36085": "New York City",
    "06075": "San Francisco",
    "08031": "Denver",
    "11001": "Washington",
    "22071": "New Orleans",
    "24510": "Baltimore",
    "29510": "St. Louis",
    "42101": "Philadelphia",
}
"""Cities that fill their county or counties (FIPS code): every place inside is a part of the city."""

SECTIONS_BY_NAME: dict[tuple[str, str, str], str] = {
    ("US", "CA", "Reseda"): "Los Angeles",
    ("US", "CA", "Sylmar"): "Los Angeles",
    ("US", "CA", "Wilmington"): "Los Angeles",
    ("US", "CA", "Winnetka"): "Los Angeles",
    ("US", "MA", "Jamaica Plain"): "Boston",
    ("US", "NY", "Far Rockaway"): "New York City",
    ("US", "CA", "San Ysidro"): "San Diego",
}
"""Parts of a city that the source calls places of their own."""

NOT_SECTIONS = {("US", "CA", "Newark"), ("US", "PA", "Penn Hills")}
"""Municipalities that the source codes as sections of their larger neighbour."""

CORE_KILOMETRES = {("GB", "ENG", "London"): 10.0}
"""Cities without boundaries in our sources, whose parts within this distance of the centre are folded into them."""

US_TERRITORIES = {
    "AS": "American Samoa",
    "GU": "Guam",
    "MP": "Northern Mariana Islands",
    "PR": "Puerto Rico",
    "VI": "U.S. Virgin Islands",
}
"""Countries to GeoNames and ISO; Shopify knows them as provinces of the United States too."""

PROVINCES: dict[str, dict[str, tuple[str, str]]] = {
    "CA": {
        "01": ("AB", "Alberta"),
        "02": ("BC", "British Columbia"),
        "03": ("MB", "Manitoba"),
        "04": ("NB", "New Brunswick"),
        "05": ("NL", "Newfoundland and Labrador"),
        "07": ("NS", "Nova Scotia"),
        "08": ("ON", "Ontario"),
        "09": ("PE", "Prince Edward Island"),
        "10": ("QC", "Quebec"),
        "11": ("SK", "Saskatchewan"),
        "12": ("YT", "Yukon"),
        "13": ("NT", "Northwest Territories"),
        "14": ("NU", "Nunavut"),
    },
    "GB": {
        "ENG": ("ENG", "England"),
        "NIR": ("NIR", "Northern Ireland"),
        "SCT": ("SCT", "Scotland"),
        "WLS": ("WLS", "Wales"),
    },
    "AU": {
        "01": ("ACT", "Australian Capital Territory"),
        "02": ("NSW", "New South Wales"),
        "03": ("NT", "Northern Territory"),
        "04": ("QLD", "Queensland"),
        "05": ("SA", "South Australia"),
        "06": ("TAS", "Tasmania"),
        "07": ("VIC", "Victoria"),
        "08": ("WA", "Western Australia"),
    },
}
"""The source's first-level code to Shopify's province code and its name. The United States' are the postal codes;
elsewhere places carry no province and are matched by country and city."""
