"""Where the made-up shop's customers live: cities with their populations, roughly, in thousands.

Written down from general knowledge, to weigh cities against each other; not a reference for anything else.
"""

from __future__ import annotations

UNITED_STATES = """
AL: Birmingham 197, Huntsville 225, Mobile 183, Montgomery 196, Tuscaloosa 111, Auburn 82, Hoover 92
AK: Anchorage 286, Fairbanks 32, Juneau 31
AZ: Phoenix 1650, Tucson 547, Mesa 512, Chandler 280, Scottsdale 244, Gilbert 276, Tempe 190, Flagstaff 76, Prescott 48
AR: Little Rock 203, Fayetteville 101, Fort Smith 90, Bentonville 59, Jonesboro 80
CA: Los Angeles 3820, San Diego 1388, San Jose 970, San Francisco 808, Fresno 545, Sacramento 526, Long Beach 449, Oakland 436, Bakersfield 413, Anaheim 340, Stockton 322, Riverside 318, Irvine 314, Santa Ana 310, Chula Vista 275, Fremont 226, Modesto 218, Santa Rosa 175, Pasadena 133, Berkeley 119, Santa Barbara 87, San Luis Obispo 48, Ventura 109, Redding 93, Chico 101, Napa 77, Palo Alto 66, Santa Cruz 61, Monterey 29, Eureka 26
CO: Denver 716, Colorado Springs 489, Aurora 395, Fort Collins 171, Lakewood 156, Boulder 105, Pueblo 111, Grand Junction 69, Durango 19
CT: Bridgeport 148, New Haven 135, Stamford 136, Hartford 119, Norwalk 91, Danbury 86, Mystic 4
DE: Wilmington 71, Dover 39, Newark 31
DC: Washington 679
FL: Jacksonville 986, Miami 455, Tampa 403, Orlando 320, St. Petersburg 263, Hialeah 221, Tallahassee 202, Fort Lauderdale 184, Cape Coral 225, Gainesville 145, Sarasota 57, Naples 20, Pensacola 54, Key West 25, West Palm Beach 121, Clearwater 116, St. Augustine 15, Ocala 66
GA: Atlanta 511, Augusta 201, Savannah 148, Athens 128, Macon 156, Columbus 201, Roswell 92, Decatur 25, Marietta 62
HI: Honolulu 341, Hilo 48, Kailua 40, Kahului 28
ID: Boise 235, Meridian 135, Nampa 114, Idaho Falls 68, Coeur d'Alene 57
IL: Chicago 2664, Aurora 177, Naperville 150, Joliet 150, Rockford 146, Springfield 112, Peoria 111, Evanston 76, Champaign 89, Oak Park 53
IN: Indianapolis 879, Fort Wayne 270, Evansville 115, South Bend 103, Bloomington 79, Carmel 102, Lafayette 71
IA: Des Moines 211, Cedar Rapids 136, Davenport 100, Iowa City 76, Ames 66, Dubuque 59
KS: Wichita 396, Overland Park 197, Kansas City 153, Topeka 125, Lawrence 96, Olathe 147
KY: Louisville 622, Lexington 320, Bowling Green 76, Owensboro 60, Covington 41
LA: New Orleans 364, Baton Rouge 219, Shreveport 177, Lafayette 121, Lake Charles 79
ME: Portland 69, Lewiston 38, Bangor 32, Bar Harbor 5, Kennebunk 12
MD: Baltimore 565, Columbia 105, Frederick 85, Rockville 67, Annapolis 40, Bethesda 67, Silver Spring 82, Ocean City 7
MA: Boston 654, Worcester 208, Springfield 154, Cambridge 118, Lowell 114, Quincy 102, Somerville 80, Northampton 30, Salem 45, Plymouth 62, Provincetown 4
MI: Detroit 633, Grand Rapids 197, Ann Arbor 119, Lansing 112, Flint 80, Kalamazoo 73, Traverse City 16, Marquette 21, Royal Oak 58
MN: Minneapolis 425, St. Paul 303, Rochester 122, Duluth 87, Bloomington 88, St. Cloud 70, Mankato 45
MS: Jackson 144, Gulfport 73, Hattiesburg 48, Oxford 26, Biloxi 49
MO: Kansas City 511, St. Louis 282, Springfield 170, Columbia 130, Independence 121, St. Charles 71, Branson 13
MT: Billings 120, Missoula 78, Bozeman 57, Helena 34, Whitefish 9
NE: Omaha 483, Lincoln 295, Grand Island 53, Kearney 34
NV: Las Vegas 660, Henderson 337, Reno 275, Sparks 110, Carson City 58
NH: Manchester 115, Nashua 91, Concord 44, Portsmouth 22, Keene 23
NJ: Newark 305, Jersey City 291, Paterson 157, Elizabeth 135, Trenton 90, Hoboken 58, Princeton 31, Cherry Hill 77, Asbury Park 15, Montclair 40
NM: Albuquerque 560, Santa Fe 89, Las Cruces 114, Rio Rancho 109, Taos 6
NY: New York 2600, Brooklyn 2561, Buffalo 275, Rochester 207, Yonkers 207, Syracuse 145, Albany 101, Ithaca 31, Saratoga Springs 29, White Plains 60, Poughkeepsie 32, Queens 2252, Bronx 1356, Staten Island 491, Lake Placid 2, Hudson 6
NC: Charlotte 911, Raleigh 482, Greensboro 302, Durham 296, Winston-Salem 253, Asheville 95, Wilmington 122, Chapel Hill 62, Cary 180, Boone 19
ND: Fargo 133, Bismarck 75, Grand Forks 58
OH: Columbus 913, Cleveland 362, Cincinnati 311, Toledo 265, Akron 188, Dayton 136, Athens 23, Youngstown 60, Dublin 49
OK: Oklahoma City 703, Tulsa 411, Norman 130, Broken Arrow 119, Stillwater 49
OR: Portland 630, Eugene 178, Salem 177, Bend 105, Ashland 21, Corvallis 61, Hood River 8, Astoria 10
PA: Philadelphia 1551, Pittsburgh 303, Allentown 125, Erie 93, Lancaster 57, Harrisburg 50, Bethlehem 78, State College 41, Scranton 76, York 45, West Chester 19
RI: Providence 191, Newport 25, Warwick 83, Cranston 83
SC: Charleston 156, Columbia 143, Greenville 73, Myrtle Beach 39, Mount Pleasant 96, Spartanburg 39, Beaufort 14
SD: Sioux Falls 206, Rapid City 79, Deadwood 1
TN: Nashville 687, Memphis 618, Knoxville 198, Chattanooga 187, Clarksville 180, Franklin 89, Johnson City 73
TX: Houston 2314, San Antonio 1495, Dallas 1303, Austin 980, Fort Worth 978, El Paso 679, Arlington 398, Corpus Christi 317, Plano 290, Lubbock 267, Irving 254, Frisco 225, Amarillo 202, McKinney 213, Waco 144, Denton 158, Galveston 53, Round Rock 130, New Braunfels 110, Marfa 2, Fredericksburg 11
UT: Salt Lake City 210, Provo 113, Ogden 87, St. George 104, Park City 8, Logan 55, Moab 5
VT: Burlington 44, Montpelier 8, Brattleboro 12, Stowe 5
VA: Virginia Beach 454, Norfolk 231, Richmond 229, Arlington 234, Alexandria 155, Charlottesville 45, Roanoke 97, Williamsburg 16, Fredericksburg 29, Leesburg 49
WA: Seattle 755, Spokane 229, Tacoma 222, Vancouver 196, Bellevue 151, Bellingham 94, Olympia 56, Everett 111, Walla Walla 34, Port Townsend 10
WV: Charleston 47, Huntington 45, Morgantown 30, Shepherdstown 2
WI: Milwaukee 561, Madison 280, Green Bay 106, Kenosha 98, Eau Claire 70, La Crosse 51, Appleton 75
WY: Cheyenne 65, Casper 58, Laramie 32, Jackson 11, Cody 10
PR: San Juan 334, Ponce 131, Bayamon 180
"""
"""State: city and population in thousands, comma-separated."""

CANADA = """
ON: Toronto 2794, Ottawa 1017, Hamilton 569, London 422, Kingston 133
BC: Vancouver 662, Victoria 92, Kelowna 145, Whistler 14
QC: Montréal 1763, Québec 549, Gatineau 291
AB: Calgary 1307, Edmonton 1011, Banff 8
NS: Halifax 439, Lunenburg 2
MB: Winnipeg 750
SK: Saskatoon 266
"""

STATES = {
    "AL": ("Alabama", 40_000), "AK": ("Alaska", 0), "AZ": ("Arizona", 56_000), "AR": ("Arkansas", 65_000),
    "CA": ("California", 72_500), "CO": ("Colorado", 29_000), "CT": ("Connecticut", 63_500),
    "DE": ("Delaware", 0), "DC": ("District of Columbia", 60_000), "FL": ("Florida", 60_000),
    "GA": ("Georgia", 40_000), "HI": ("Hawaii", 40_000), "ID": ("Idaho", 60_000), "IL": ("Illinois", 62_500),
    "IN": ("Indiana", 70_000), "IA": ("Iowa", 60_000), "KS": ("Kansas", 65_000), "KY": ("Kentucky", 60_000),
    "LA": ("Louisiana", 44_500), "ME": ("Maine", 55_000), "MD": ("Maryland", 60_000),
    "MA": ("Massachusetts", 62_500), "MI": ("Michigan", 60_000), "MN": ("Minnesota", 68_750),
    "MS": ("Mississippi", 70_000), "MO": ("Missouri", 42_250), "MT": ("Montana", 0), "NE": ("Nebraska", 55_000),
    "NV": ("Nevada", 68_500), "NH": ("New Hampshire", 0), "NJ": ("New Jersey", 66_250),
    "NM": ("New Mexico", 48_750), "NY": ("New York", 40_000), "NC": ("North Carolina", 47_500),
    "ND": ("North Dakota", 50_000), "OH": ("Ohio", 57_500), "OK": ("Oklahoma", 45_000), "OR": ("Oregon", 0),
    "PA": ("Pennsylvania", 60_000), "RI": ("Rhode Island", 70_000), "SC": ("South Carolina", 60_000),
    "SD": ("South Dakota", 42_000), "TN": ("Tennessee", 70_000), "TX": ("Texas", 62_500), "UT": ("Utah", 48_500),
    "VT": ("Vermont", 60_000), "VA": ("Virginia", 43_000), "WA": ("Washington", 65_000),
    "WV": ("West Virginia", 60_000), "WI": ("Wisconsin", 50_000), "WY": ("Wyoming", 40_000),
    "PR": ("Puerto Rico", 105_000),
}  # fmt: skip
"""State code -> its name and sales tax in millionths (roughly; local taxes come on top)."""

LOCAL_TAXES = {
    "NY": 48_750,
    "CA": 17_500,
    "TX": 20_000,
    "IL": 27_500,
    "WA": 38_000,
    "TN": 22_500,
    "CO": 47_500,
    "GA": 39_000,
}
"""State code -> what county and city take on top, in millionths."""

PROVINCES = {
    "ON": "Ontario", "BC": "British Columbia", "QC": "Quebec", "AB": "Alberta", "NS": "Nova Scotia",
    "MB": "Manitoba", "SK": "Saskatchewan",
}  # fmt: skip
