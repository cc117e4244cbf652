//! The window's icon is drawn here: a drop that is ice on one side and warm on the other.

use eframe::egui::{Color32, IconData};

use super::theme::Palette;

const SIZE: usize = 64;

/// Returns the icon in 64 x 64 pixels.
pub fn icon() -> IconData {
    let (cold, warm) = (Palette::LIGHT.frozen, Palette::LIGHT.primary);
    let mut rgba = Vec::with_capacity(SIZE * SIZE * 4);
    for y in 0..SIZE {
        for x in 0..SIZE {
            let (fx, fy) = (x as f32 + 0.5, y as f32 + 0.5);
            let inside = drop_coverage(fx, fy);
            let colour = if fx < SIZE as f32 / 2.0 { cold } else { warm };
            rgba.extend_from_slice(&Color32::from_rgb(colour.r(), colour.g(), colour.b()).to_array()[..3]);
            rgba.push((inside * 255.0) as u8);
        }
    }
    IconData { rgba, width: SIZE as u32, height: SIZE as u32 }
}

/// Returns how much of the pixel at (x, y) lies in the drop, which is a circle drawn to a point above.
fn drop_coverage(x: f32, y: f32) -> f32 {
    let (cx, cy, r) = (32.0, 40.0, 20.0);
    let half_width = if y >= cy {
        (r * r - (y - cy) * (y - cy)).max(0.0).sqrt()
    } else {
        // The sides curve out from the tip at y = 3 until they meet the circle.
        let t = ((y - 3.0) / (cy - 3.0)).clamp(0.0, 1.0);
        r * (1.0 - (1.0 - t) * (1.0 - t)).sqrt() * t.powf(0.35)
    };
    (half_width - (x - cx).abs() + 0.5).clamp(0.0, 1.0)
}
