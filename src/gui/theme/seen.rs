//! How far apart colours look. Tests measure the palette with this.

use eframe::egui::Color32;

/// What a colour becomes to somebody's eyes: a matrix of linear red, green and blue (Machado, Oliveira and Fernandes, 2009).
pub type Sight = [[f32; 3]; 3];

/// Deuteranopia and protanopia, without green or red cones.
pub const COLOUR_BLIND: [Sight; 2] = [
    [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
    [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
];

fn linear(colour: Color32) -> [f32; 3] {
    [colour.r(), colour.g(), colour.b()].map(|channel| {
        let c = f32::from(channel) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    })
}

fn times(matrix: &Sight, colour: [f32; 3]) -> [f32; 3] {
    matrix.map(|row| row.iter().zip(colour).map(|(a, b)| a * b).sum())
}

/// Ottosson's OKLab.
fn oklab(linear: [f32; 3]) -> [f32; 3] {
    const CONES: Sight = [
        [0.412_221_46, 0.536_332_55, 0.051_445_995],
        [0.211_903_5, 0.680_699_5, 0.107_396_96],
        [0.088_302_46, 0.281_718_85, 0.629_978_7],
    ];
    const LAB: Sight = [
        [0.210_454_26, 0.793_617_8, -0.004_072_047],
        [1.977_998_5, -2.428_592_2, 0.450_593_7],
        [0.025_904_037, 0.782_771_77, -0.808_675_77],
    ];
    times(&LAB, times(&CONES, linear).map(|cone| cone.max(0.0).cbrt()))
}

/// The distance of two colours in OKLab. Below 0.02 most people see no difference.
pub fn apart(a: Color32, b: Color32, sight: Option<Sight>) -> f32 {
    let seen = |colour| {
        let linear = linear(colour);
        oklab(sight.map_or(linear, |sight| times(&sight, linear).map(|c| c.clamp(0.0, 1.0))))
    };
    seen(a).iter().zip(seen(b)).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
}

/// The contrast of two colours as WCAG measures it, from 1 to 21.
pub fn contrast(a: Color32, b: Color32) -> f32 {
    let luminance =
        |colour| linear(colour).iter().zip([0.2126, 0.7152, 0.0722]).map(|(c, share)| c * share).sum::<f32>();
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}
