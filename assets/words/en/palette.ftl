# Everything that can be done: the palette, the shortcuts, and what is pointed out to a new user.
palette-title = All actions
palette-search = Search, in English or Korean
palette-none = No action has this name.
palette-keys = ↑ ↓ choose · Enter does it · Esc closes
palette-entry = { $group }: { $name }
palette-group-run = Run
palette-group-go = Go to
palette-group-freeze = Freezing
palette-group-open = Open
palette-group-compare = Compare
palette-group-lesson = Lesson
palette-group-help = Help
palette-open-data = Data file…
palette-open-data-folder = Data folder…
palette-open-model = Model folder…
palette-compare-runs = Run folders…
palette-compare-works = Students' lesson files…
language-english = English
language-korean = Korean (한국어)
palette-dialog-open = A file dialog is already open.
palette-not-paused = No run is paused.
palette-no-lesson = No lesson is open.

## Help
help-button = Help
help-title = Shortcuts and help
guide-title = Guide
guide-search = Search the guide (Ctrl+F)
guide-none = Nothing in the guide has these words.
help-tab = Go to the next control, or back
help-press = Press the control that has the keyboard
help-arrows = Fold and unfold the tree; go from cell to cell
help-escape = Close a window
help-zoom = Zoom in or out; Ctrl 0 goes back

## First steps
first-steps-title = First steps
first-steps-skip = Skip
first-steps-place = Step { $step } of { $steps }
first-steps-row-limit = Shorten the run
    .hint = Switch the row limit on and set it to 600. A run then takes seconds, not minutes.
    .way = Open this section and set the row limit to 600. A run then takes seconds, not minutes.
first-steps-train = Train the model
    .hint = Press Train and watch the curves. Preset 3 trains only the top of the model; the rest stays frozen.
first-steps-results = See the result
    .hint = Open Results when the run has ended. They show how many test rows the model gets right.
first-steps-thaw = Thaw one more layer
    .hint = Tick this layer. More of the model can learn now. Train again: is it more accurate, and how much longer does it take?
    .way = Open this section and tick one more layer. More of the model can learn then.
