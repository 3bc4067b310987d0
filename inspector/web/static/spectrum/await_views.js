// Bokeh builds the views of new curves a moment after it hears of them, and data that change meanwhile do not fit what
// it builds. So those who follow the view hear of a new curve once its views are there.

const built = (plot) => {
  const view = Bokeh.index.find_one(plot)
  return view && plot.renderers.every((renderer) => view.renderer_views.has(renderer))
}

function tell(tries) {
  if (tries && !plots.every(built)) x.awaiting = setTimeout(tell, 20, tries - 1)
  else x.properties.start.change.emit()   // out of tries, the figure is not on the page
}

clearTimeout(x.awaiting)
x.awaiting = setTimeout(tell, 0, 100)
