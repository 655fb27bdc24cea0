//! The picture of a run.

use std::error::Error;
use std::time::{Duration, SystemTime};

use plotters::coord::types::RangedCoordf64;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::fast_time::{FastTime, SPEED};
use super::providers::{Attempt, Delivered};
use super::report::Side;
use super::scenario::Run;
use super::timeline::Track;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Drawn = Result<(), Box<dyn Error>>;

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 900;
const LEGEND_HEIGHT: u32 = 110;

/// Of the deliveries that are as usual, every so many are drawn.
const THINNING: usize = 3;

/// The radius of a dot.
const USUAL: i32 = 2;
const UNUSUAL: i32 = 3;

/// The lower end of a panel. The lane of forged deliveries is 0, and that of a key is its number.
const BOTTOM: f64 = -0.7;

const PHASES: [(&str, RGBColor); 7] = [
    ("steady", RGBColor(222, 232, 222)),
    ("prepared", RGBColor(250, 225, 140)),
    ("calling", RGBColor(232, 120, 80)),
    ("settling", RGBColor(240, 175, 120)),
    ("overlap", RGBColor(160, 200, 235)),
    ("retiring", RGBColor(190, 175, 225)),
    ("attention", RGBColor(255, 60, 60)),
];

const KEY: RGBColor = RGBColor(226, 237, 248);
const DOWN: RGBColor = RGBColor(222, 222, 222);
const AT_ONCE: RGBColor = RGBColor(30, 140, 70);
const HELD: RGBColor = RGBColor(0, 170, 170);
const ON_RETRY: RGBColor = RGBColor(20, 90, 200);
const IN_HISTORY: RGBColor = RGBColor(160, 30, 170);
const NOT_ACCEPTED: RGBColor = RGBColor(240, 140, 0);
const WRONG: RGBColor = RGBColor(215, 0, 0);
const FORGED: RGBColor = RGBColor(130, 130, 130);

/// Draws a run into an SVG file.
pub fn draw(file: &str, run: &Run) -> Drawn {
    let area = SVGBackend::new(file, (WIDTH, HEIGHT)).into_drawing_area();
    area.fill(&WHITE)?;
    let (legend, panels) = area.split_vertically(LEGEND_HEIGHT);
    draw_legend(&legend, run)?;
    let (pandadoc, ratepay) = panels.split_vertically((HEIGHT - LEGEND_HEIGHT) / 2);
    let (events, report) = (&run.events, &run.report);
    let panel = |name, track, side| Panel {
        name,
        time: run.time,
        track,
        side,
        downtimes: &events.downtimes,
    };
    panel("PandaDoc", &events.pandadoc, &report.pandadoc).draw(&pandadoc)?;
    panel("Ratepay", &events.ratepay, &report.ratepay).draw(&ratepay)?;
    area.present()?;
    Ok(())
}

fn draw_legend(area: &Area<'_>, run: &Run) -> Drawn {
    let title = format!(
        "Two signing keys are rotated while everything goes wrong: {} deliveries lost, {} forged ones accepted",
        run.report.lost(),
        run.report.forged_accepted(),
    );
    area.draw(&Text::new(title, (20, 14), font(20)))?;
    let thinned = format!("* 1 of {THINNING} is drawn");
    area.draw(&Text::new(thinned, (1050, 79), font(14)))?;
    let marks = [
        (AT_ONCE, "accepted at once*"),
        (HELD, "held until the key was known"),
        (NOT_ACCEPTED, "not accepted: 503, or no answer"),
        (ON_RETRY, "accepted on retry"),
        (IN_HISTORY, "found in the history"),
        (FORGED, "forged, not accepted*"),
    ];
    let mut x = 20;
    for (colour, text) in marks {
        area.draw(&Circle::new((x + 5, 58), 4, colour.filled()))?;
        area.draw(&Text::new(text, (x + 15, 50), font(14)))?;
        x += 32 + width(text);
    }
    let boxes = [
        ("key accepted by the service", KEY),
        ("no service runs", DOWN),
    ];
    let phases = PHASES.iter().filter(|(name, _)| *name != "attention");
    let mut x = 20;
    for (text, colour) in boxes.iter().chain(phases) {
        area.draw(&Rectangle::new([(x, 80), (x + 16, 94)], colour.filled()))?;
        area.draw(&Text::new(*text, (x + 22, 79), font(14)))?;
        x += 46 + width(text);
    }
    Ok(())
}

/// One provider.
struct Panel<'a> {
    name: &'static str,
    time: FastTime,
    track: &'a Track,
    side: &'a Side,
    downtimes: &'a [(SystemTime, Option<SystemTime>)],
}

impl Panel<'_> {
    fn draw(&self, area: &Area<'_>) -> Drawn {
        let newest = self.track.keys.keys().max().copied().unwrap_or(1) as f64;
        let (phases, faults, top) = (newest + 1.0, newest + 2.0, newest + 2.8);
        let end = self.end();
        let mut chart = ChartBuilder::on(area)
            .margin_left(10)
            .margin_right(20)
            .x_label_area_size(45)
            .y_label_area_size(80)
            .build_cartesian_2d(0.0..end, BOTTOM..top)?;
        let lane = |lane: &f64| match *lane {
            0.0 => "forged".to_owned(),
            lane if lane == phases => "phase".to_owned(),
            lane if lane == faults => "fault".to_owned(),
            lane => format!("key {lane}"),
        };
        chart
            .configure_mesh()
            .disable_mesh()
            .x_labels(13)
            .x_label_formatter(&|minutes| format!("{minutes:.0}"))
            .x_desc(format!("minutes ({SPEED} times as fast as real time)"))
            .y_labels(newest as usize + 3)
            .y_label_formatter(&lane)
            .label_style(font(13))
            .axis_desc_style(font(13))
            .draw()?;
        self.draw_keys(&mut chart)?;
        self.draw_phases(&mut chart, phases)?;
        self.draw_downtimes(&mut chart, phases)?;
        self.draw_faults(&mut chart, faults)?;
        self.draw_deliveries(&mut chart)?;
        chart.draw_series([Text::new(self.name, (end * 0.005, top), font(18))])?;
        Ok(())
    }

    fn minutes(&self, at: SystemTime) -> f64 {
        let since = at.duration_since(self.time.began()).unwrap_or_default();
        since.as_secs_f64() / 60.0
    }

    fn minutes_or_end(&self, at: Option<SystemTime>) -> f64 {
        at.map_or(self.end(), |at| self.minutes(at))
    }

    /// The last thing that happened.
    fn end(&self) -> f64 {
        let attempts = self.side.delivered.iter().flat_map(|it| &it.attempts);
        let last = attempts.map(|it| it.at).max().unwrap_or(self.time.began());
        self.minutes(last) + 0.1
    }

    fn draw_downtimes(&self, chart: &mut Chart<'_>, lane: f64) -> Drawn {
        for (from, to) in self.downtimes {
            let (from, to) = (self.minutes(*from), self.minutes_or_end(*to));
            let corners = [(from, BOTTOM), (to, lane + 0.4)];
            chart.draw_series([Rectangle::new(corners, DOWN.filled())])?;
            let middle = ((from + to) / 2.0, lane);
            chart.draw_series([Text::new("no service", middle, centred(13))])?;
        }
        Ok(())
    }

    fn draw_keys(&self, chart: &mut Chart<'_>) -> Drawn {
        let keys = self.track.keys.iter().map(|(number, (from, to))| {
            let lane = *number as f64;
            let (from, to) = (self.minutes(*from), self.minutes_or_end(*to));
            Rectangle::new([(from, lane - 0.38), (to, lane + 0.38)], KEY.filled())
        });
        chart.draw_series(keys)?;
        Ok(())
    }

    fn draw_phases(&self, chart: &mut Chart<'_>, lane: f64) -> Drawn {
        let phases = &self.track.phases;
        for (index, (from, phase)) in phases.iter().enumerate() {
            let from = self.minutes(*from);
            let to = self.minutes_or_end(phases.get(index + 1).map(|(to, _)| *to));
            let colour = PHASES.iter().find(|(name, _)| name == phase);
            let colour = colour.map_or(WRONG, |(_, colour)| *colour);
            let corners = [(from, lane - 0.4), (to, lane + 0.4)];
            chart.draw_series([Rectangle::new(corners, colour.filled())])?;
            let pixels = (to - from) / self.end() * f64::from(WIDTH - 100);
            if pixels > f64::from(width(phase)) {
                let middle = ((from + to) / 2.0, lane);
                chart.draw_series([Text::new(phase.clone(), middle, centred(13))])?;
            }
        }
        Ok(())
    }

    fn draw_faults(&self, chart: &mut Chart<'_>, lane: f64) -> Drawn {
        for (at, name) in &self.track.faults {
            let x = self.minutes(*at);
            let line = PathElement::new([(x, BOTTOM), (x, lane + 0.4)], WRONG.stroke_width(1));
            chart.draw_series([line])?;
            let style = font(13).color(&WRONG);
            let style = style.pos(Pos::new(HPos::Left, VPos::Center));
            chart.draw_series([Text::new(format!(" {name}"), (x, lane), style)])?;
        }
        Ok(())
    }

    fn draw_deliveries(&self, chart: &mut Chart<'_>) -> Drawn {
        let (usual, others): (Vec<_>, Vec<_>) = self.dots().partition(|dot| dot.size == USUAL);
        let dots = usual.into_iter().step_by(THINNING).chain(others);
        chart.draw_series(dots.map(|dot| Circle::new(dot.at, dot.size, dot.colour.filled())))?;
        Ok(())
    }

    /// Returns a dot for every attempt, in the lane of its key.
    fn dots(&self) -> impl Iterator<Item = Dot> + '_ {
        let forged = self.side.forged.iter().map(|attempt| {
            let at = (self.minutes(attempt.at), 0.0);
            match attempt.is_accepted() {
                true => Dot::new(at, 2 * UNUSUAL, WRONG),
                false => Dot::new(at, USUAL, FORGED),
            }
        });
        let delivered = self.side.delivered.iter();
        let genuine = delivered.flat_map(|delivered| {
            let attempts = delivered.attempts.iter();
            attempts.map(|attempt| self.dot(delivered, attempt))
        });
        forged.chain(genuine)
    }

    fn dot(&self, delivered: &Delivered, attempt: &Attempt) -> Dot {
        let at = (self.minutes(attempt.at), attempt.generation as f64);
        let key = self.track.keys.get(&attempt.generation);
        // The simulator's clock is up to a second late.
        let is_early = key.is_some_and(|(from, _)| attempt.at + Duration::from_secs(1) < *from);
        match attempt.is_accepted() {
            true if is_early => Dot::new(at, UNUSUAL, HELD),
            true if delivered.is_accepted_at_once() => Dot::new(at, USUAL, AT_ONCE),
            true => Dot::new(at, UNUSUAL, ON_RETRY),
            false if delivered.is_accepted() => Dot::new(at, UNUSUAL, NOT_ACCEPTED),
            false if self.side.found.contains(&delivered.document) => {
                Dot::new(at, UNUSUAL, IN_HISTORY)
            }
            false => Dot::new(at, 2 * UNUSUAL, WRONG),
        }
    }
}

/// One attempt: its minute and lane, its radius in pixels, and its colour.
struct Dot {
    at: (f64, f64),
    size: i32,
    colour: RGBColor,
}

impl Dot {
    fn new(at: (f64, f64), size: i32, colour: RGBColor) -> Self {
        Self { at, size, colour }
    }
}

fn font(size: i32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&BLACK)
}

fn centred(size: i32) -> TextStyle<'static> {
    font(size).pos(Pos::new(HPos::Center, VPos::Center))
}

/// About how many pixels a text needs.
fn width(text: &str) -> i32 {
    7 * text.len() as i32
}
