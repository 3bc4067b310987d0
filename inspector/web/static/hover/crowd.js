// Squares without a star say nothing, nor do those whose one star is drawn, for it says its name.
export default (_args, _tool, { value }) => value > 0
