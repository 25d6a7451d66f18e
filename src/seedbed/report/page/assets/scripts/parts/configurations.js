// All configurations of a study that shows only some in detail: a row each, searched and sorted.
const ROWS_AT_FIRST = 20;
const ROWS_MORE = 50;

function fillConfigurations(rows) {
  const table = find("#all-configurations table");
  const search = document.getElementById("configurations-search");
  const more = document.getElementById("configurations-more");
  const sorts = findAll("[data-sort]", table);
  // The first number is the accuracy; unknown values come last.
  let [column, down, shown] = [2, true, ROWS_AT_FIRST];

  function order(one, other) {
    const [a, b] = [one[column], other[column]];
    if (a === null || b === null) { return (a === null) - (b === null); }
    const sign = typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b;
    return down ? -sign : sign;
  }

  function cell(value, place, row) {
    if (place === 0) {
      const detail = row[row.length - 1];
      const name = element("span", {}, value);
      const link = detail === null ? name : element("a", { href: `#configuration-${detail}` }, value);
      return element("th", { scope: "row" }, link);
    }
    const digits = place === 1 ? 0 : 2;
    const signed = place === 4 && value > 0 ? "+" : "";
    const text = value === null ? "–" : signed + grouped(value, digits);
    const significant = place === 4 && row[5] === 1;
    return element("td", { class: "number" }, significant ? element("b", {}, text) : text);
  }

  function update() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = rows.filter(([label]) => words.every((word) => label.toLowerCase().includes(word)));
    found.sort(order);
    const made = found.slice(0, shown).map((row) =>
      element("tr", {}, ...row.slice(0, sorts.length).map((value, place) => cell(value, place, row))));
    find("tbody", table).replaceChildren(...made);
    more.hidden = found.length <= shown;
    document.getElementById("configurations-status").textContent =
      `${grouped(Math.min(shown, found.length))} of ${grouped(found.length)} rows` +
      (found.length < rows.length ? `; ${grouped(rows.length)} configurations in all` : "");
    sorts.forEach((button, place) => {
      const sorted = place === column ? (down ? "descending" : "ascending") : null;
      const head = button.closest("th");
      if (sorted) { head.setAttribute("aria-sort", sorted); } else { head.removeAttribute("aria-sort"); }
    });
  }

  sorts.forEach((button, place) => button.addEventListener("click", () => {
    down = place === column ? !down : place > 0;
    [column, shown] = [place, ROWS_AT_FIRST];
    update();
  }));
  search.addEventListener("input", () => { shown = ROWS_AT_FIRST; update(); });
  more.addEventListener("click", () => { shown += ROWS_MORE; update(); });
  update();
}

const everyConfiguration = partData("configurations");
if (everyConfiguration) {
  fillConfigurations(everyConfiguration.rows);
}
