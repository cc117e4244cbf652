//! A renderer without a GPU, so that pictures of the window are the same on every machine: textured triangles, blended
//! in gamma space as `egui_glow` does it.

use std::collections::BTreeMap;
use std::ops::Range;

use eframe::egui::epaint::{ImageData, Mesh, Primitive, TextureId, Vertex};
use eframe::egui::{Color32, ColorImage, Context, FullOutput, Rect, TexturesDelta};
use egui_kittest::TestRenderer;
use image::RgbaImage;

/// Steps of a pixel that corners are rounded to, as GPUs do it.
const SUBPIXELS: f32 = 256.0;

#[derive(Default)]
pub struct Raster {
    textures: BTreeMap<TextureId, ColorImage>,
}

impl TestRenderer for Raster {
    #[allow(clippy::iter_over_hash_type)] // each entry is about another texture
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for (id, changes) in delta.set.drain() {
            for change in changes {
                let ImageData::Color(image) = change.image;
                match change.pos {
                    None => drop(self.textures.insert(id, ColorImage::clone(&image))),
                    Some([left, top]) => {
                        let texture = self.textures.get_mut(&id).expect("a part of a texture that is there");
                        let width = texture.width();
                        for (y, row) in image.pixels.chunks(image.width()).enumerate() {
                            let start = (top + y) * width + left;
                            texture.pixels[start..start + row.len()].copy_from_slice(row);
                        }
                    }
                }
            }
        }
        delta.free.drain().for_each(|id| drop(self.textures.remove(&id)));
    }

    fn render(&mut self, ctx: &Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let scale = ctx.pixels_per_point();
        let size = ctx.content_rect().size() * scale;
        let mut canvas = Canvas::new(size.x.round() as usize, size.y.round() as usize);
        for part in ctx.tessellate(output.shapes.clone(), scale) {
            let Primitive::Mesh(mesh) = &part.primitive else { return Err("a paint callback needs a GPU".into()) };
            let texture = self.textures.get(&mesh.texture_id).ok_or("a mesh of a texture that is not there")?;
            canvas.draw(mesh, texture, part.clip_rect, scale);
        }
        let bytes = canvas.pixels.iter().flat_map(|[r, g, b]| [*r, *g, *b, 255]).collect();
        RgbaImage::from_raw(canvas.width as u32, canvas.height as u32, bytes).ok_or_else(|| "no picture".into())
    }
}

/// The window's pixels; the window lets nothing behind it shine through.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

/// A corner in subpixels.
type Corner = [i64; 2];

/// Twice the area of a triangle, negative when its corners run the other way round.
fn area(a: Corner, b: Corner, c: Corner) -> i64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// Whether pixel centres on the edge itself belong to the triangle: of two triangles that share an edge only one draws it.
fn owns_edge(from: Corner, to: Corner) -> bool {
    let (x, y) = (to[0] - from[0], to[1] - from[1]);
    y < 0 || (y == 0 && x > 0)
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![[0; 3]; width * height] }
    }

    fn draw(&mut self, mesh: &Mesh, texture: &ColorImage, clip: Rect, scale: f32) {
        let within = |x: f32, most: usize| (x * scale).round().clamp(0.0, most as f32) as i64;
        let left_top = [within(clip.min.x, self.width), within(clip.min.y, self.height)];
        let right_bottom = [within(clip.max.x, self.width), within(clip.max.y, self.height)];
        for triangle in mesh.indices.chunks_exact(3) {
            let corners = [0, 1, 2].map(|i| mesh.vertices[triangle[i] as usize]);
            self.fill(corners, texture, left_top, right_bottom, scale);
        }
    }

    fn fill(&mut self, mut v: [Vertex; 3], texture: &ColorImage, left_top: Corner, right_bottom: Corner, scale: f32) {
        let corner = |v: &Vertex| [v.pos.x, v.pos.y].map(|x| (x * scale * SUBPIXELS).round() as i64);
        let mut p = [0, 1, 2].map(|i| corner(&v[i]));
        if area(p[0], p[1], p[2]) < 0 {
            v.swap(1, 2);
            p.swap(1, 2);
        }
        let whole = area(p[0], p[1], p[2]);
        if whole == 0 {
            return;
        }
        let subpixels = SUBPIXELS as i64;
        let span = |axis: usize| {
            let (low, high) = (p.iter().map(|p| p[axis]).min(), p.iter().map(|p| p[axis]).max());
            let (low, high) = (low.unwrap_or(0).div_euclid(subpixels), high.unwrap_or(0).div_euclid(subpixels) + 1);
            low.max(left_top[axis])..high.min(right_bottom[axis])
        };
        let edges = [(1, 2), (2, 0), (0, 1)];
        // A weight of 0 counts as inside only on the edges that this triangle owns.
        let least = edges.map(|(from, to)| if owns_edge(p[from], p[to]) { 0 } else { 1 });
        let is_plain = v.iter().all(|one| one.uv == v[0].uv && one.color == v[0].color);
        let plain = is_plain.then(|| shade(rgba(v[0].color), texel(texture, v[0].uv.x, v[0].uv.y)));
        for y in span(1) {
            let weights_at = |x: i64| {
                let centre = [x * subpixels + subpixels / 2, y * subpixels + subpixels / 2];
                edges.map(|(from, to)| area(p[from], p[to], centre))
            };
            let (first, second) = (weights_at(0), weights_at(1));
            let inside = (0..3).fold(span(0), |xs, i| at_least(least[i], first[i], second[i] - first[i], xs));
            let Some(row) = (!inside.is_empty()).then(|| y as usize * self.width) else { continue };
            let pixels = &mut self.pixels[row + inside.start as usize..row + inside.end as usize];
            match plain {
                Some(source) if source[3] == 255.0 => pixels.fill([0, 1, 2].map(|i| (source[i] + 0.5) as u8)),
                Some(source) => pixels.iter_mut().for_each(|pixel| blend(pixel, source)),
                None => {
                    for (pixel, x) in pixels.iter_mut().zip(inside) {
                        let share = weights_at(x).map(|weight| weight as f32 / whole as f32);
                        let mean = |of: &dyn Fn(&Vertex) -> f32| (0..3).map(|i| of(&v[i]) * share[i]).sum::<f32>();
                        let color = [0, 1, 2, 3].map(|i| mean(&|v| v.color.to_array()[i].into()));
                        blend(pixel, shade(color, texel(texture, mean(&|v| v.uv.x), mean(&|v| v.uv.y))));
                    }
                }
            }
        }
    }
}

/// The part of `xs` where `start + slope * x` is not below `least`.
fn at_least(least: i64, start: i64, slope: i64, xs: Range<i64>) -> Range<i64> {
    match slope {
        0 if start < least => xs.start..xs.start,
        0 => xs,
        1.. => xs.start.max((least - start + slope - 1).div_euclid(slope))..xs.end,
        _ => xs.start..xs.end.min((start - least).div_euclid(-slope) + 1),
    }
}

fn rgba(color: Color32) -> [f32; 4] {
    color.to_array().map(f32::from)
}

/// The texture at a place in it (0 to 1), between its four nearest texels; beyond its edge the edge goes on.
fn texel(texture: &ColorImage, u: f32, v: f32) -> [f32; 4] {
    let at = |x: f32, size: usize| {
        let x = x * size as f32 - 0.5;
        let whole = |x: f32| x.clamp(0.0, (size - 1) as f32) as usize;
        (whole(x.floor()), whole(x.floor() + 1.0), x - x.floor())
    };
    let (left, right, across) = at(u, texture.width());
    let (top, bottom, down) = at(v, texture.height());
    let pixel = |x: usize, y: usize| rgba(texture.pixels[y * texture.width() + x]);
    let mix = |a: [f32; 4], b: [f32; 4], t: f32| [0, 1, 2, 3].map(|i| a[i] + (b[i] - a[i]) * t);
    mix(mix(pixel(left, top), pixel(right, top), across), mix(pixel(left, bottom), pixel(right, bottom), across), down)
}

/// A vertex's colour times the texture's, both from 0 to 255.
fn shade(color: [f32; 4], texel: [f32; 4]) -> [f32; 4] {
    [0, 1, 2, 3].map(|i| color[i] * texel[i] / 255.0)
}

/// Lays a colour with premultiplied alpha over a pixel.
fn blend(pixel: &mut [u8; 3], source: [f32; 4]) {
    let shines_through = 1.0 - source[3] / 255.0;
    for (under, over) in pixel.iter_mut().zip(source) {
        *under = (over + f32::from(*under) * shines_through + 0.5) as u8;
    }
}
