// What is drawn is narrowed when the view or the data change, and here once without either.
x.properties.start.change.emit()
