//! The picture: the time of one verification, by the size of the body.

use std::error::Error;
use std::fs::File;
use std::time::Duration;

use hmac::Hmac;
use plotters::coord::Shift;
use plotters::prelude::*;
use sha2::{Sha256, Sha512};

use super::{bare, body, calls, medians, pandadoc, ratepay, ring, Peers, KEY};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn Error>>;

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 560;
const LEGEND_HEIGHT: u32 = 80;

/// The sizes are powers of 2, and these are the exponents: 64 B to 256 KiB.
const EXPONENTS: [u32; 7] = [6, 8, 10, 12, 14, 16, 18];

/// The lines of a panel, by name, colour and width. A thin line can lie on a thick one.
const LINES: [(&str, RGBColor, u32); 4] = [
    ("bare HMAC", RGBColor(180, 180, 180), 7),
    ("this crate", RGBColor(30, 140, 70), 2),
    ("standardwebhooks", RGBColor(250, 190, 110), 7),
    ("svix", RGBColor(20, 90, 200), 2),
];

/// The times at one size, in the order of the lines.
struct Row {
    exponent: u32,
    pandadoc: [Duration; 4],
    ratepay: [Duration; 4],
}

/// Measures, and draws the times into an SVG file.
pub fn draw(file: &str) -> Drawn {
    // A file that can't be written is found before the measurement.
    File::create(file).map_err(|error| format!("couldn't create {file}: {error}"))?;
    let rows = EXPONENTS.map(measure);
    let area = SVGBackend::new(file, (WIDTH, HEIGHT)).into_drawing_area();
    area.fill(&WHITE)?;
    let (legend, panels) = area.split_vertically(LEGEND_HEIGHT);
    draw_legend(&legend)?;
    let (left, right) = panels.split_horizontally(WIDTH / 2);
    draw_panel(&left, "PandaDoc: HMAC-SHA-256", &rows, |row| row.pandadoc)?;
    draw_panel(&right, "Ratepay: HMAC-SHA-512", &rows, |row| row.ratepay)?;
    area.present()?;
    Ok(())
}

fn measure(exponent: u32) -> Row {
    let body = body(1 << exponent);
    let peers = Peers::new(&body);
    let (bare_256, bare_512) = (bare::<Hmac<Sha256>>(&body), bare::<Hmac<Sha512>>(&body));
    let (pandadoc, ratepay) = (pandadoc(&body), ratepay(&body));
    let (pandadoc_ring, ratepay_ring) = (ring(&[KEY]), ring(&[KEY]));
    let times = medians(
        calls(&body),
        [
            &|| bare_256(&body),
            &|| pandadoc(&pandadoc_ring, &body),
            &|| bare_512(&body),
            &|| ratepay(&ratepay_ring, &body),
            &|| peers.standardwebhooks(&body),
            &|| peers.svix(&body),
        ],
    );
    let [bare_256, pandadoc, bare_512, ratepay, standardwebhooks, svix] = times;
    Row {
        exponent,
        pandadoc: [bare_256, pandadoc, standardwebhooks, svix],
        ratepay: [bare_512, ratepay, standardwebhooks, svix],
    }
}

fn draw_legend(area: &Area<'_>) -> Drawn {
    let title = "Median time of one verification with one key, by the size of the body";
    area.draw(&Text::new(title, (20, 14), font(20)))?;
    let mut x = 20;
    for (name, colour, width) in LINES {
        let line = vec![(x, 56), (x + 30, 56)];
        area.draw(&PathElement::new(line, colour.stroke_width(width)))?;
        area.draw(&Text::new(name, (x + 38, 50), font(15)))?;
        x += 80 + 8 * name.len() as i32;
    }
    let peers = "standardwebhooks and svix: HMAC-SHA-256, in a format of their own";
    area.draw(&Text::new(peers, (x, 50), font(15)))?;
    Ok(())
}

fn draw_panel(
    area: &Area<'_>,
    name: &str,
    rows: &[Row],
    times: impl Fn(&Row) -> [Duration; 4],
) -> Drawn {
    let mut chart = ChartBuilder::on(area)
        .caption(name, font(18))
        .margin_left(10)
        .margin_right(20)
        .x_label_area_size(45)
        .y_label_area_size(70)
        .build_cartesian_2d(5.5..18.5, (0.05..5_000.0).log_scale())?;
    chart
        .configure_mesh()
        .max_light_lines(0)
        .x_labels(EXPONENTS.len())
        .x_label_formatter(&|exponent: &f64| size(*exponent as u32))
        .x_desc("size of the body")
        .y_label_formatter(&|time: &f64| format!("{time} µs"))
        .label_style(font(15))
        .axis_desc_style(font(15))
        .draw()?;
    for (index, (_, colour, width)) in LINES.into_iter().enumerate() {
        let point = |row| times(row)[index].as_secs_f64() * 1e6;
        let points = rows.iter().map(|row| (f64::from(row.exponent), point(row)));
        let points = Vec::from_iter(points);
        let dot = |&at| Circle::new(at, width + 1, colour.filled());
        chart.draw_series(points.iter().map(dot))?;
        chart.draw_series([PathElement::new(points, colour.stroke_width(width))])?;
    }
    Ok(())
}

fn size(exponent: u32) -> String {
    match exponent {
        10.. => format!("{} KiB", 1 << (exponent - 10)),
        _ => format!("{} B", 1 << exponent),
    }
}

fn font(size: i32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&BLACK)
}
