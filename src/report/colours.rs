//! The colours of reports, which are the window's. A page of the web has both themes; paper has the light one.

/// A theme's colours by the names that style sheets use.
pub type Colours = [(&'static str, &'static str); 21];

pub const LIGHT: Colours = [
    ("paper", "#FFFFFF"),
    ("text", "#1C2733"),
    ("muted", "#5A6775"),
    ("line", "#E1E6EB"),
    ("outline", "#C3CCD5"),
    ("well", "#EEF1F4"),
    ("grid", "#DDE3E9"),
    ("accent", "#1B6CA8"),
    ("frozen", "#1F6F9F"),
    ("frozen-fill", "#E3F1FA"),
    ("trainable", "#B04A12"),
    ("trainable-fill", "#FCEDE0"),
    ("warning", "#8A5A00"),
    ("warning-fill", "#FDF3DC"),
    ("good", "#00785A"),
    ("error", "#B3261E"),
    ("train", "#D55E00"),
    ("validation", "#0072B2"),
    ("other", "#00896A"),
    ("right", "#2A7AB5"),
    ("wrong", "#D9692B"),
];

pub const DARK: Colours = [
    ("paper", "#1B222B"),
    ("text", "#E3E9EF"),
    ("muted", "#9CA9B6"),
    ("line", "#2A343F"),
    ("outline", "#43505D"),
    ("well", "#11161C"),
    ("grid", "#2A343F"),
    ("accent", "#6FB7EC"),
    ("frozen", "#82C7F0"),
    ("frozen-fill", "#18303F"),
    ("trainable", "#F4A664"),
    ("trainable-fill", "#3B2716"),
    ("warning", "#EBC069"),
    ("warning-fill", "#382C12"),
    ("good", "#4FC9A4"),
    ("error", "#FF9B90"),
    ("train", "#F28E3C"),
    ("validation", "#56B4E9"),
    ("other", "#2FC49B"),
    ("right", "#3D8FCB"),
    ("wrong", "#D9692B"),
];

/// Runs and strategies that stand beside each other have these colours, in light and in dark.
pub const SERIES: [(&str, &str); 8] = [
    ("#0072B2", "#56B4E9"),
    ("#D55E00", "#F28E3C"),
    ("#00896A", "#2FC49B"),
    ("#B9579B", "#E39BC6"),
    ("#2F9BD8", "#4C8BE0"),
    ("#C98A00", "#F0E442"),
    ("#333B44", "#E3E9EF"),
    ("#8000FF", "#CC0099"),
];

/// A colour's red, green and blue.
pub fn rgb(hex: &str) -> [u8; 3] {
    let part = |at: usize| hex.get(at..at + 2).and_then(|part| u8::from_str_radix(part, 16).ok()).unwrap_or(0);
    [part(1), part(3), part(5)]
}

/// The light colour of this name.
pub fn light(name: &str) -> &'static str {
    LIGHT.iter().find(|(own, _)| *own == name).map_or("#000000", |(_, hex)| hex)
}

/// The names as variables of a style sheet.
fn variables(colours: &Colours, is_dark: bool) -> String {
    let named = colours.iter().map(|(name, hex)| format!("--{name}:{hex};"));
    let series =
        (1..).zip(SERIES).map(|(n, (light, dark))| format!("--series{n}:{};", if is_dark { dark } else { light }));
    named.chain(series).collect()
}

/// The style sheet that gives every name its colour, by the reader's theme, and on paper the light one.
pub fn themes() -> String {
    let (light, dark) = (variables(&LIGHT, false), variables(&DARK, true));
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n\
         @media print{{:root{{color-scheme:light;{light}}}}}\n"
    )
}

/// What the classes of pictures look like, in names.
fn classes() -> String {
    let fill = [
        "text",
        "muted",
        "grid",
        "line",
        "outline",
        "well",
        "frozen",
        "trainable",
        "train",
        "validation",
        "other",
        "right",
        "wrong",
        "accent",
        "paper",
    ];
    let stroke =
        ["text", "muted", "grid", "line", "outline", "frozen", "trainable", "train", "validation", "other", "accent"];
    let of = |property: &str, letter: char, names: &[&str]| {
        names.iter().map(|name| format!(".{letter}-{name}{{{property}:var(--{name})}}")).collect::<String>()
    };
    let series = (1..=SERIES.len())
        .map(|n| format!(".f-series{n}{{fill:var(--series{n})}}.s-series{n}{{stroke:var(--series{n})}}"));
    let soft = ["frozen", "trainable"].map(|name| format!(".f-{name}-fill{{fill:var(--{name}-fill)}}"));
    of("fill", 'f', &fill)
        + &of("stroke", 's', &stroke)
        + &series.collect::<String>()
        + &soft.concat()
        + ".f-on-strong{fill:#FFFFFF}"
}

/// The style sheet of pictures in a page of the web.
pub fn picture_style() -> String {
    classes()
}

/// The same for a picture by itself, on paper.
pub fn paper_style() -> String {
    let mut style = classes();
    let series = (1..).zip(SERIES).map(|(n, (light, _))| (format!("series{n}"), light));
    let named = LIGHT.iter().map(|(name, hex)| ((*name).to_owned(), *hex));
    for (name, hex) in named.chain(series) {
        style = style.replace(&format!("var(--{name})"), hex);
    }
    style
}
