"""What lower layers say in English of imports, surveys, brands, testimonials and connectors."""

from collections.abc import Mapping

from web.i18n import marked as N_

KNOWN: tuple[str, ...] = (
    # Tables (analytics.imports, domain.amounts).
    N_("The file is empty. Its first row names the columns: %(columns)s."),
    N_("The file has no rows: only the names of its columns."),
    N_("The row has no %(column)s."),
    N_("The column '%(column)s' is wrong: %(rest)s"),
    N_("Cannot read the day '%(given)s'. Write it as 2026-12-01."),
    N_("The day '%(given)s' lies in the year %(year)s. Correct it."),
    N_("The day %(day)s is still to come. Check the order of day and month."),
    N_("The time %(time)s UTC is still to come. Check the zone."),
    N_("The row speaks of %(day)s to %(last)s, not of one day. Export the table by day."),
    N_("'%(given)s' is no count. Write a whole number from 0 on."),
    N_("'%(given)s' is neither yes nor no."),
    N_("'%(given)s' is no amount. Write it as 12.50."),
    N_("'%(given)s' is larger than any amount here may be."),
    N_("'%(given)s' is no web address."),
    N_("'%(given)s' is no currency. Write its three letters, such as IDR or USD."),
    N_("%(number)s is no whole number of minor units. Leave the minor units out."),
    N_("An amount is less than 0. Write what came back as returned."),
    N_("An amount is less than 0. Correct it, or leave the row out."),
    N_(
        "Amounts are written in two ways: '%(one)s' and '%(other)s'. Write all of them with a point before "
        "the "
        "decimals."
    ),
    N_("The row names two currencies: %(currencies)s. Correct it."),
    # Rows (scheduler.import_rows, scheduler.imports).
    N_("The row tells again, with other values, what an earlier row of the file told. Keep one of them."),
    N_("The row is in another currency than an earlier row of the same day. Tell them apart."),
    N_("Together with earlier rows of the same thing this is more than can be. Correct it."),
    N_("Mentions: that is more than can be. Correct it."),
    N_("More was returned than the order was worth. Correct it."),
    N_("There is no survey of the kind '%(kind)s': it is csat (1 to 5) or nps (0 to 10)."),
    N_("%(score)s is none. A %(kind)s answer lies from %(least)s to %(most)s."),
    N_("The row has neither sessions nor conversions nor revenue."),
    N_("This import is undone already."),
    # Benchmarks (domain.benchmark, scheduler.benchmark_rows, store.benchmarks), behind the column's name.
    N_("'%(given)s' is no key of the catalogue. `tabuh stats metrics` lists them, such as er_impr."),
    N_("there is no platform '%(given)s'. It is one of: %(known)s; empty means all of them."),
    N_("%(metric)s is not counted over a period. Leave it empty."),
    N_("%(metric)s is counted over a period. Write day, week, month or quarter."),
    N_("%(metric)s is money. Write its currency, such as IDR or USD."),
    N_("%(metric)s is told as %(unit)s, not as '%(given)s'."),
    N_("%(metric)s is no percentage."),
    N_("'%(given)s' is not one number. Write it as 1234.5, without signs between thousands."),
    N_("'%(given)s' cannot be of %(metric)s."),
    N_("The row has no number: write a value, a median, or both outer quartiles."),
    N_("The quartiles are not in their order: lower quartile, median, upper quartile."),
    N_("There is no benchmark %(number)s. `tabuh benchmark list` shows those there are."),
    # Surveys (scheduler.surveys).
    N_("Give the survey a name of 1 to 80 characters."),
    N_("There is a survey called '%(name)s' already: choose another name."),
    N_("A survey asks for csat (1 to 5) or nps (0 to 10)."),
    N_("A question has at most %(most)s characters."),
    N_("The last day is over: name one that lies ahead."),
    N_("The survey '%(name)s' is closed already."),
    N_("Ask for 1 to %(most)s links at a time."),
    N_("This link leads to no survey. It may be mistyped."),
    N_("This survey is closed. Thank you all the same."),
    N_("Choose an answer from %(least)s to %(most)s."),
    N_("This personal link is damaged. Open it again from where you got it."),
    # Brands and testimonials (scheduler.brands, scheduler.testimonials, web.pages.said_of_us).
    N_("Give the brand a name of 1 to 80 characters."),
    N_("There is a brand called '%(name)s' already."),
    N_("%(name)s is the own brand already: add the others as competitors."),
    N_("This feed is counted for %(name)s already."),
    N_("Mentions are a whole number from 0 on."),
    N_("The day %(day)s is still to come."),
    N_("Name the day."),
    N_("Choose one, or write a whole number."),
    N_("A testimonial has 1 to %(most)s characters."),
    N_("The link must be a web address that begins with https://."),
    N_("A name is kept only of those who agreed: say that they did, or leave the name out."),
    # A customer's value (scheduler.business, web.pages.business).
    N_("The margin is a percentage above 0, and at most 100."),
    N_("The discount is a percentage a year, from 0 to 100."),
    N_("Look ahead by more than 0 and at most 20 years."),
    N_("'%(given)s' is no number. Write it as 12.5."),
    # Connectors (scheduler.connectors).
    N_("Give the connector a name of 1 to 80 characters."),
    N_("There is a connector called '%(name)s' already: choose another name."),
    N_("%(tool)s knows no setting '%(setting)s'. It has: %(known)s."),
    N_("%(tool)s needs the setting '%(setting)s'."),
    N_("%(tool)s refuses the key%(why)s. Check that it may see this site."),
    N_("%(tool)s answered %(status)s%(why)s."),
    N_("%(tool)s answered something that is no JSON. Check its address."),
    N_("%(tool)s answered in a form that is not known. Look for a newer Tabuh."),
    N_("Give the property by its number, such as 123456789 (Admin, Property details)."),
    N_("This is no key of a service account. Give the JSON file that Google Cloud made for it."),
    N_("The file's private key cannot be read. Give the JSON file as Google Cloud made it."),
    N_("Give the site as Plausible calls it, such as example.com."),
    N_("Give an API key of Plausible (Settings, API keys, for the Stats API)."),
    N_("Give the site by its number in Matomo, such as 1."),
    N_("Give an authentication token of Matomo (Personal, Security)."),
    N_("Give the tool's address, such as https://matomo.example.com."),
    N_("The key would travel unprotected: give an address that begins with https://."),
    N_("Matomo refuses: %(why)s. Check the token and the number of the site."),
    # What was done (store.changes).
    N_("imported"),
    N_("undid the import"),
)

#: Texts that name an option of a command, and what a page says instead.
REWORDED: Mapping[str, str] = {
    "No column holds what is needed: %(column)s (there are: %(heads)s). Name it with --column "
    "%(use)s=NAME.": N_("No column holds what is needed: %(column)s. Choose below which one does."),
    "No column holds what is needed: %(column)s (there are: %(heads)s). Name it with --column %(use)s=NAME "
    "or say --%(option)s NAME.": N_(
        "No column holds what is needed: %(column)s. Choose below which one does, or say it for the whole "
        "file."
    ),
    "The row names no currency. Say which one it is: --currency USD.": N_(
        "The row names no currency. Say above which one it is."
    ),
    "It cannot be told whether '%(given)s' has decimals or thousands. Say --decimals point or --decimals "
    "comma.": N_("It cannot be told whether '%(given)s' has decimals or thousands. Choose one below."),
    "There is no brand '%(name)s'. Add it first: tabuh brand add NAME [--own].": N_(
        "There is no brand '%(name)s'. Add it first, under Brands and mentions."
    ),
    "%(tool)s is connected, and its totals are read daily: the file would count them twice. Remove the "
    "connector first, or say --tool other.": N_(
        "%(tool)s is connected, and its totals are read daily: the file would count them twice. Remove the "
        "connector first, or choose another tool."
    ),
}
