// The picker: one button per element; a click tells the server, which decides.
export function render({ model }) {
  const table = document.createElement("div");
  table.className = "table";
  const draw = () => {
    table.replaceChildren(...model.cells.map((cell) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = cell.symbol;
      button.title = model.titles[cell.key] ?? cell.title;
      button.style.gridArea = `${cell.row} / ${cell.column} / auto / span ${cell.span}`;
      button.style.setProperty("--colour", cell.colour);
      button.style.setProperty("--ink", cell.ink);
      button.style.setProperty("--masked", `${100 * (model.masked[cell.key] ?? 0)}%`);
      const chosen = model.chosen.includes(cell.key);
      button.className = [cell.full ? "full" : "", chosen ? "chosen" : ""].join(" ");
      if (cell.pattern) button.dataset.pattern = cell.pattern;
      button.setAttribute("aria-label", button.title);
      button.setAttribute("aria-pressed", String(chosen));
      button.onclick = () => model.send_msg(cell.key);
      return button;
    }));
  };
  for (const name of ["cells", "titles", "masked", "chosen"]) model.on(name, draw);
  draw();
  return table;
}
