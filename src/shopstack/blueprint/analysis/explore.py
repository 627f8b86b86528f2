import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Explore", sql_output="native")


@app.cell(hide_code=True)
def _():
    import altair as alt
    import marimo as mo

    from shopstack.notebook import open_newest, to_parquet, use_look

    use_look()
    return alt, mo, open_newest, to_parquet


@app.cell(hide_code=True)
def _(mo, shop):
    mo.md(f"""
    # {shop.selected_key}

    The figures as they are published: read them, take them apart, take them away. Nothing here can change them. This
    file is yours: edit any cell, add your own, keep it in git.
    """)
    return


@app.cell(hide_code=True)
def _(mo, newest, period, published, shop):
    mo.vstack(
        [
            mo.hstack([shop, period, newest], justify="start", gap=1.5),
            mo.md(published.freshness(shop=shop.value)),
        ]
    )
    return


@app.cell
def _(mo, newest, open_newest):
    newest  # a click opens what has been published since; until then everything below stays as it is

    published = open_newest(mo.notebook_dir())
    mo.stop(not published.shops, mo.md("No shop has been read from end to end yet. Type: `shopstack run`"))

    catalog = published.connect()
    return catalog, published


@app.cell(hide_code=True)
def _(mo, period):
    mo.md(f"""
    ## Figures: {period.selected_key.lower()}

    Each is defined once, in shopstack's `metrics.yml`, and worked out for these days beside the period before.
    """)
    return


@app.cell
def _(period, published, shop):
    figures = published.metrics(
        "net_sales",
        "orders",
        "average_order_value",
        "customers",
        "returning_customer_rate",
        period=period.value,
        shop=shop.value,
    )
    return (figures,)


@app.cell(hide_code=True)
def _(figures, mo):
    mo.hstack(
        [
            mo.stat(
                label=one["figure"],
                value=one["value"],
                caption=" from ".join(filter(None, [one["change"], one["before"]])) or one["note"] or "",
                bordered=True,
            )
            for one in figures.to_pylist()
        ],
        widths="equal",
        gap=1,
    )
    return


@app.cell
def _(period, published, shop):
    published.chart("nationwide_sales", "sales_over_time", period=period.value, shop=shop.value)
    return


@app.cell(hide_code=True)
def _(mo, period):
    mo.md(f"""
    ## Where orders come from: {period.selected_key.lower()}
    """)
    return


@app.cell
def _(period, published, shop):
    published.sales_map(period=period.value, shop=shop.value)
    return


@app.cell(hide_code=True)
def _(last_day, mo):
    mo.md(f"""
    ## Do customers come back?

    The share of new customers that ordered again, by months since their first order, as of {last_day}.
    """)
    return


@app.cell
def _(published, shop):
    published.cohorts(shop=shop.value)
    return


@app.cell(hide_code=True)
def _(mo, published):
    mo.md(f"""
    ## Ask in SQL, and take it away

    The connection `catalog` holds the published version `{published.name}` under the warehouse's own names: `serving`
    has facts and dimensions, `reporting` what was summed up from them. A query of yours shows its first rows; as a
    table, like the one below, it shows all of them, and **Export** saves them as CSV or JSON.
    """)
    return


@app.cell
def _(period, published, shop):
    first_day, last_day = published.days(period.value, shop=shop.value)
    return first_day, last_day


@app.cell
def _(catalog, first_day, last_day, mo, shop):
    by_day = mo.sql(
        f"""
        select
            sale_date,
            sum(net_sales) as net_sales,
            cast(sum(units) as bigint) as units
        from serving.fct_sales
        where shop = '{shop.value}' and sale_date between '{first_day}' and '{last_day}'
        group by sale_date
        order by sale_date
        """,
        output=False,
        engine=catalog
    )
    return (by_day,)


@app.cell
def _(by_day, mo):
    mo.ui.table(by_day.to_arrow_table(), selection=None, show_column_summaries=False, show_data_types=False)
    return


@app.cell
def _(by_day, first_day, last_day, mo, to_parquet):
    mo.download(
        lambda: to_parquet(by_day.to_arrow_table()),
        filename=f"net_sales_{first_day}_{last_day}.parquet",
        mimetype="application/vnd.apache.parquet",
        label="Save these days as Parquet",
    )
    return


@app.cell
def _(alt, by_day):
    drawn = by_day.project("sale_date, cast(net_sales as double) as net_sales, units").to_arrow_table()
    alt.Chart(drawn, width="container", height=220).mark_bar().encode(
        x=alt.X("sale_date:T", title=None),
        y=alt.Y("net_sales:Q", title="Net sales"),
        tooltip=["sale_date:T", "net_sales:Q", "units:Q"],
    )
    return


@app.cell(hide_code=True)
def _(mo):
    schema = mo.ui.radio(["serving", "reporting"], value="serving", inline=True)
    mo.hstack([mo.md("**What can be asked:** the columns of"), schema], justify="start")
    return (schema,)


@app.cell
def _(catalog, mo, schema):
    columns = mo.sql(
        f"""
        select table_name, column_name, data_type
        from information_schema.columns
        where table_schema = '{schema.value}'
        order by table_name, ordinal_position
        """,
        output=False,
        engine=catalog
    )
    return (columns,)


@app.cell
def _(columns, mo):
    mo.ui.table(columns.to_arrow_table(), selection=None, show_column_summaries=False, show_data_types=False)
    return


@app.cell(hide_code=True)
def _(mo):
    newest = mo.ui.button(label="Open the newest version")
    return (newest,)


@app.cell(hide_code=True)
def _(mo, published):
    shop = mo.ui.dropdown(published.shops, value=next(iter(published.shops)), label="Shop")
    period = mo.ui.dropdown(published.periods, value="Last 90 days", label="Period")
    return period, shop


if __name__ == "__main__":
    app.run()
