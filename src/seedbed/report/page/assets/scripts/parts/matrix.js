// The confusion matrix: a grid of cells that keys and clicks reach, with the images behind each.
const FEW_CLASSES = 30; // so many are shown at first, the most confused ones
const DENSE = 14; // from so many classes on cells are small

const matrices = partData("confusion");

class Matrix {
  constructor(configuration) {
    const { set, n } = data.configurations[configuration];
    const { support, cells, counts, deviations } = matrices[configuration];
    this.size = data.sets[set].classes.length;
    this.support = support;
    this.places = new Map(cells.map((cell, place) => [cell, place]));
    Object.assign(this, { n, counts, deviations });
  }

  // Mean over the runs: how many images of class i are predicted as class j.
  count(i, j) {
    const place = this.places.get(i * this.size + j);
    return place === undefined ? 0 : this.counts[place] / this.n;
  }

  rate(i, j) {
    return this.support[i] ? this.count(i, j) / this.support[i] : 0;
  }

  deviation(i, j) {
    const place = this.places.get(i * this.size + j);
    return this.deviations.length ? this.deviations[place] ?? 0 : null;
  }

  // Classes, beginning with both of the pair that is confused most.
  order() {
    const pair = (cell) => [Math.floor(cell / this.size), cell % this.size];
    const confused = [...this.places.keys()]
      .filter((cell) => cell % (this.size + 1) !== 0) // off the diagonal
      .sort((one, other) => this.rate(...pair(other)) - this.rate(...pair(one)));
    return [...new Set([...confused.flatMap(pair), ...Array(this.size).keys()])];
  }
}

const matrixPlace = document.getElementById("matrix");
const cellImages = document.getElementById("cell-images");
const grid = { configuration: null, mode: "rate", other: null, classes: FEW_CLASSES, cell: [0, 0], selected: null };

function sameTestSet(configuration) {
  const { set } = data.configurations[grid.configuration];
  return data.configurations[configuration].set === set;
}

function fillMatrix() {
  const { set, label } = data.configurations[grid.configuration];
  const { classes } = data.sets[set];
  const matrix = new Matrix(grid.configuration);
  const comparing = grid.mode === "difference";
  const other = comparing && sameTestSet(grid.other) ? new Matrix(grid.other) : null;
  // More classes than fit are ordered by how much they are confused; fewer stay as they are.
  const every = matrix.size > FEW_CLASSES ? matrix.order() : [...Array(matrix.size).keys()];
  const shownClasses = every.slice(0, grid.classes);
  const value = (i, j) => {
    if (comparing) {
      return other ? matrix.rate(i, j) - other.rate(i, j) : 0;
    }
    return grid.mode === "count" ? matrix.count(i, j) : matrix.rate(i, j);
  };
  let most = 0;
  for (const i of shownClasses) {
    for (const j of shownClasses) {
      most = i === j ? most : Math.max(most, Math.abs(value(i, j)));
    }
  }

  const dense = shownClasses.length > DENSE;
  matrixPlace.closest(".confusion-and-images").classList.toggle("wide", dense);
  const long = classes.some((each) => each.length > (dense ? 2 : 5));
  const table = element("table", { role: "grid", class: `grid${dense ? " dense" : ""}${long ? " long" : ""}` });
  table.append(element("caption", {}, "true class ↓, predicted class →"));
  const heads = shownClasses.map((j) =>
    element("th", { scope: "col", title: classes[j] }, element("span", {}, classes[j])),
  );
  table.append(element("thead", {}, element("tr", {}, element("td", { class: "corner" }), ...heads)));
  const body = element("tbody");
  shownClasses.forEach((i, row) => {
    const line = element("tr", {}, element("th", { scope: "row", title: classes[i] }, classes[i]));
    shownClasses.forEach((j, column) => {
      line.append(cellOf(matrix, classes, i, j, row, column, value(i, j), most, dense));
    });
    body.append(line);
  });
  table.append(body);
  matrixPlace.replaceChildren(table);
  const focusable = cellAt(...grid.cell) ?? cellAt(0, 0);
  focusable?.setAttribute("tabindex", "0");
  markSelected();

  const more = document.getElementById("more-classes");
  more.hidden = shownClasses.length === matrix.size;
  more.textContent = `Show ${Math.min(FEW_CLASSES, matrix.size - shownClasses.length)} more classes`;
  const notes = [];
  if (!more.hidden) {
    notes.push(`The ${shownClasses.length} most confused of ${matrix.size} classes are shown, the most confused first.`);
  }
  if (comparing) {
    notes.push(
      other
        ? `Percentage points: “${label}” minus “${data.configurations[grid.other].label}”. Orange, with +: more often; blue, with −: less often.`
        : "The test images differ, so the matrices cannot be subtracted.",
    );
  }
  document.getElementById("matrix-note").textContent = notes.join(" ");
  fillScale(comparing, most);
}

function cellOf(matrix, classes, i, j, row, column, value, most, dense) {
  const right = i === j;
  const cell = element("td", {
    "data-cell": `${i},${j}`,
    "data-at": `${row},${column}`,
    tabindex: "-1",
    class: right && grid.mode !== "difference" ? "right" : value < 0 ? "fewer" : null,
    "aria-label": cellText(matrix, classes, i, j, value),
  });
  // Of errors that are few, half the most shows as much more than half: the eye needs it.
  const strength = most && (!right || grid.mode === "difference") ? Math.min(Math.abs(value) / most, 1) ** 0.6 : 0;
  if (strength) {
    cell.style.setProperty("--strength", strength.toFixed(3));
  }
  cell.textContent = cellNumber(value, dense);
  return cell;
}

function cellNumber(value, dense) {
  if (value === 0) {
    return "";
  }
  if (grid.mode === "count") {
    return value >= 10 || dense ? grouped(Math.round(value)) : value.toFixed(1);
  }
  const points = Math.abs(100 * value);
  const digits = points >= 99.95 || dense ? 0 : points < 0.05 ? 2 : 1;
  const text = dense && points < 0.5 ? "·" : points.toFixed(digits);
  return grid.mode === "difference" ? `${value < 0 ? "−" : "+"}${text}` : text;
}

function cellText(matrix, classes, i, j, value) {
  const names = i === j ? `${classes[i]}, correct` : `${classes[i]} predicted as ${classes[j]}`;
  const images = `${matrix.count(i, j).toFixed(1)} of ${grouped(matrix.support[i])} images`;
  const difference = grid.mode === "difference" ? `, difference ${(100 * value).toFixed(2)} percentage points` : "";
  return `${names}: ${percent(matrix.rate(i, j))}, ${images}${difference}`;
}

function fillScale(comparing, most) {
  const end = grid.mode === "count" ? most.toFixed(1) : percent(most, 1).replace("%", comparing ? "" : "%");
  document.getElementById("scale").replaceChildren(
    element("span", {}, comparing ? `−${end}` : "0"),
    element("i", { class: comparing ? "both" : null }),
    element("span", {}, comparing ? `+${end}` : `${end}${grid.mode === "count" ? " images" : ""}`),
  );
}

const cellAt = (row, column) => find(`[data-at="${row},${column}"]`, matrixPlace);

// The only cell that Tab reaches; arrow keys go on from it.
function makeCurrent(cell) {
  findAll('[tabindex="0"]', matrixPlace).forEach((each) => each.setAttribute("tabindex", "-1"));
  cell.setAttribute("tabindex", "0");
  grid.cell = cell.dataset.at.split(",").map(Number);
}

function moveByKey(event) {
  const cell = event.target.closest("[data-cell]");
  if (!cell) {
    return;
  }
  const [row, column] = cell.dataset.at.split(",").map(Number);
  const last = find("tbody", matrixPlace).rows.length - 1;
  const steps = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: event.ctrlKey ? [0, 0] : [row, 0],
    End: event.ctrlKey ? [last, last] : [row, last],
  };
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    openCell(cell);
  } else if (event.key in steps) {
    event.preventDefault();
    const target = cellAt(...steps[event.key]);
    if (target) {
      makeCurrent(target);
      target.focus();
    }
  }
}

// The cell of a pair, such as "3,5"; its class may be among those that are not shown yet.
function openPair(pair) {
  grid.selected = pair;
  grid.classes = Math.max(grid.classes, find(`[data-cell="${pair}"]`, matrixPlace) ? 0 : Infinity);
  fillMatrix();
  fillCellImages();
  const cell = find(`[data-cell="${pair}"]`, matrixPlace);
  if (cell) {
    cell.closest(".confusion").scrollIntoView({ block: "nearest" });
    makeCurrent(cell);
    cell.focus({ preventScroll: true });
  }
}

// The cell with the highest confusion rate, whose images are open at first.
function worstCell() {
  const matrix = new Matrix(grid.configuration);
  const cells = Object.keys(matrices[grid.configuration].images);
  const rate = (cell) => matrix.rate(...cell.split(",").map(Number));
  return cells.sort((one, other) => rate(other) - rate(one))[0] ?? null;
}

function openCell(cell) {
  makeCurrent(cell);
  grid.selected = cell.dataset.cell;
  markSelected();
  fillCellImages();
  cellImages.scrollIntoView({ block: "nearest" });
}

function markSelected() {
  findAll("[aria-selected]", matrixPlace).forEach((each) => each.removeAttribute("aria-selected"));
  if (grid.selected) {
    find(`[data-cell="${grid.selected}"]`, matrixPlace)?.setAttribute("aria-selected", "true");
  }
}

function fillCellImages() {
  cellImages.parentElement.classList.toggle("empty", grid.selected === null);
  if (grid.selected === null) {
    cellImages.replaceChildren(element("p", {}, "Choose a cell of the matrix to see its images."));
    return;
  }
  const configuration = data.configurations[grid.configuration];
  const { classes, missing } = data.sets[configuration.set];
  const [i, j] = grid.selected.split(",").map(Number);
  const matrix = new Matrix(grid.configuration);
  const images = matrices[grid.configuration].images[grid.selected];
  const deviation = matrix.deviation(i, j);
  const spread = deviation === null ? "" : ` ± ${(100 * deviation).toFixed(2)}`;
  const rate = `${(100 * matrix.rate(i, j)).toFixed(2)}${spread}% of the class, ` +
    `${matrix.n > 1 ? `on average ${matrix.count(i, j).toFixed(1)}` : matrix.count(i, j)} of ${grouped(matrix.support[i])} images. `;
  const heading = i === j
    ? element("h4", { class: "clamp" }, named(classes[i]), ", correct")
    : element("h4", { class: "clamp" }, named(classes[i]), " predicted as ", named(classes[j]));
  let says = rate;
  if (i === j) {
    says += "These are correct; only errors have images.";
  } else if (!images) {
    says += matrix.count(i, j) ? "Only the most frequent confusions keep their images." : "No run makes this error.";
  } else {
    says += images[0].length < matrix.n * matrix.count(i, j) ? "Images that most runs misclassify come first." : "";
  }
  const sheet = element("div", { class: "contact-sheet medium" });
  images?.[0].forEach((index, place) => {
    sheet.append(picture(grid.configuration, index, i, j, images[1][place], images[2][place]));
  });
  if (images && missing !== null) {
    says += ` ${missing}`;
  }
  cellImages.replaceChildren(heading, element("p", {}, says), sheet);
}

function matrixAsCsv() {
  const { set, label, n } = data.configurations[grid.configuration];
  const { classes } = data.sets[set];
  const matrix = new Matrix(grid.configuration);
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = ["configuration,n,true,predicted,images,rate,std"];
  classes.forEach((one, i) => {
    classes.forEach((other, j) => {
      const numbers = [matrix.count(i, j), matrix.rate(i, j), matrix.deviation(i, j) ?? ""];
      lines.push([quoted(label), n, quoted(one), quoted(other), ...numbers].join(","));
    });
  });
  return `${lines.join("\n")}\n`;
}

function setUpMatrix() {
  const mode = document.getElementById("confusion-mode");
  const other = document.getElementById("other");
  if (other) {
    const first = chosen[sectionOf(matrixPlace)];
    const rest = findAll("option", other).map((each) => Number(each.value));
    grid.other = rest.find((each) => each !== first) ?? first;
    other.value = String(grid.other);
    other.addEventListener("change", () => {
      grid.other = Number(other.value);
      fillMatrix();
    });
  }
  mode.addEventListener("change", (event) => {
    grid.mode = event.target.value;
    if (other) {
      other.parentElement.hidden = grid.mode !== "difference";
    }
    fillMatrix();
  });
  document.getElementById("more-classes").addEventListener("click", () => {
    grid.classes += FEW_CLASSES;
    fillMatrix();
  });
  document.getElementById("copy-matrix").addEventListener("click", (event) => copy(matrixAsCsv(), event.target));
  matrixPlace.addEventListener("keydown", moveByKey);
  matrixPlace.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (cell) {
      openCell(cell);
    }
  });
  showChosen(matrixPlace, (configuration) => {
    grid.configuration = configuration;
    grid.classes = FEW_CLASSES;
    grid.selected = worstCell();
    fillMatrix();
    fillCellImages();
  });
}

if (matrixPlace) {
  setUpMatrix();
}
