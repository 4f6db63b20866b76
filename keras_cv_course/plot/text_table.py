"""A table of words and numbers as a figure."""

from matplotlib.figure import Figure


def text_table(columns, rows, title):
    """Draw a table; integers are written with separators and aligned to the right.

    Args:
        columns: names of the columns.
        rows: lists of words and numbers, as many as there are columns.
        title: what the table shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    forms = {int: "{:,}", float: "{:.3g}"}
    words = [[forms.get(type(cell), "{}").format(cell) for cell in row] for row in rows]
    longest = [max(map(len, column)) + 2 for column in zip(columns, *words, strict=True)]
    figure = Figure(figsize=(0.1 * sum(longest), 0.9 + 0.36 * len(rows)), layout="constrained")
    figure.suptitle(title, fontsize=12)
    axis = figure.subplots()
    axis.set_axis_off()
    widths = [length / sum(longest) for length in longest]
    table = axis.table(words, colWidths=widths, colLabels=columns, edges="horizontal", bbox=(0, 0, 1, 1))
    table.auto_set_font_size(False)
    table.set_fontsize(10)
    for (row, column), cell in table.get_celld().items():
        number = isinstance(rows[0][column], int | float)
        cell.set_text_props(ha="right" if number else "left", weight="bold" if row == 0 else "normal")
        cell.PAD = 0.04
    return figure
