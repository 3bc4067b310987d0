const width = x.end - x.start, {widest_view, [place]: at} = source.data, kept = []
let inView = 0, shown = 0
for (let i = 0; i < widest_view.length; i++) {
  const seen = at[i] >= x.start && at[i] <= x.end
  if (seen) inView++
  if (widest_view[i] < width) continue
  kept.push(i)
  if (seen) shown++
}
const same = chosen.indices && chosen.indices.length === kept.length && kept.every((k, i) => k === chosen.indices[i])
if (!same) chosen.indices = kept
say(note, what, names.visible && shown < inView ? `${shown} of ${inView} ${what} named` : "")
