//! Where the states and steps of a small graph are drawn.
//!
//! Layers, as in Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures" (1981):
//! a state's layer is its distance from an initial state, so every step leads at most one layer down and no step has to be
//! split; crossings are reduced by putting a state where its neighbours are on average, layer by layer, down and up.
//! Steps within a layer and steps back are curves around the boxes. All of it is decided here, so that the page only draws.

use crate::diff::changes;
use crate::value::value_text;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use verdict::{Counterexample, GraphState, GraphStep};

/// Lines of a box that shows a whole state, and characters of a line.
const MOST_LINES: usize = 5;
const MOST_CHARACTERS: usize = 30;
/// Sizes in units of the picture: characters and lines of text, and the room between boxes.
const CHARACTER: f64 = 7.3;
const LINE: f64 = 15.0;
const ACROSS: f64 = 44.0;
const DOWN: f64 = 86.0;
const MARGIN: f64 = 28.0;
/// Rounds down and up over the layers. Few are enough for graphs of this size.
const SWEEPS: usize = 12;

/// A point.
type Point = (f64, f64);

/// The picture of a graph, and where behaviors run in it, as data for the page. `behaviors` come with their places in the
/// list of all counterexamples.
pub fn picture(states: &[GraphState], steps: &[GraphStep], behaviors: &[(usize, &Counterexample)]) -> Value {
    let layers = layers(states, steps);
    let texts = texts(states, steps, &layers);
    // Beside the number stand the places of a state in a behavior.
    let widths = texts.iter().flat_map(|lines| {
        lines.iter().enumerate().map(|(at, line)| line.chars().count() + if at == 0 { 5 } else { 0 })
    });
    let width = widths.max().unwrap_or(0) as f64;
    let boxes = boxes(&rows(states, steps, &layers), &texts, width * CHARACTER + 18.0);
    let edges = edges(steps);
    let routes = routes(&edges, &boxes, &layers);
    let right = routes.iter().flat_map(|route| route.iter().map(|point| point.0));
    // A label of a step from a state to itself begins beside it.
    let beside = edges.iter().filter(|edge| edge.from == edge.to);
    let labels = beside
        .map(|edge| boxes[edge.from].x + boxes[edge.from].width + 30.0 + edge.label.chars().count() as f64 * CHARACTER);
    let right = right.chain(labels).chain(boxes.iter().map(|one| one.x + one.width)).fold(0.0, f64::max);
    let bottom = boxes.iter().map(|one| one.y + one.height).fold(0.0, f64::max);
    json!({
        "width": round(right + MARGIN),
        "height": round(bottom + DOWN / 2.0),
        "nodes": states.iter().enumerate().map(|(index, state)| json!({
            "x": round(boxes[index].x),
            "y": round(boxes[index].y),
            "w": round(boxes[index].width),
            "h": round(boxes[index].height),
            "layer": layers[index],
            "initial": state.initial,
            "lines": texts[index],
            "state": state.values.iter().map(|(name, value)| [name.clone(), value_text(value)]).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "edges": edges.iter().zip(&routes).enumerate().map(|(index, (edge, route))| json!({
            "from": edge.from,
            "to": edge.to,
            "label": edge.label,
            "forward": layers[edge.to] == layers[edge.from] + 1,
            "route": route.iter().map(|point| [round(point.0), round(point.1)]).collect::<Vec<_>>(),
            "at": label_place(route, index),
        })).collect::<Vec<_>>(),
        "paths": behaviors.iter().map(|(number, behavior)| path(*number, behavior, states, &edges)).collect::<Vec<_>>(),
    })
}

fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// The distance of each state from an initial one. A state without a way to it (there is none in a graph that was walked)
/// stands with the initial ones.
fn layers(states: &[GraphState], steps: &[GraphStep]) -> Vec<usize> {
    let mut layers: Vec<Option<usize>> = states.iter().map(|state| state.initial.then_some(0)).collect();
    let mut queue: Vec<usize> = (0..states.len()).filter(|index| states[*index].initial).collect();
    let mut at = 0;
    while let Some(from) = queue.get(at).copied() {
        at += 1;
        for step in steps.iter().filter(|step| step.from == from && step.to < states.len()) {
            if layers[step.to].is_none() {
                layers[step.to] = Some(layers[from].unwrap_or(0) + 1);
                queue.push(step.to);
            }
        }
    }
    layers.into_iter().map(|layer| layer.unwrap_or(0)).collect()
}

/// What stands in each box: the number, and the state where all states are short, else what differs from a state of the
/// layer above.
fn texts(states: &[GraphState], steps: &[GraphStep], layers: &[usize]) -> Vec<Vec<String>> {
    let whole: Vec<Vec<String>> = states.iter().map(|state| state.values.iter().map(whole_line).collect()).collect();
    let is_short = whole
        .iter()
        .all(|lines| lines.len() <= MOST_LINES && lines.iter().all(|line| line.chars().count() <= MOST_CHARACTERS));
    let text = |index: usize| {
        let mut lines = vec![format!("state {}", index + 1)];
        if is_short {
            lines.extend(whole[index].iter().cloned());
            return lines;
        }
        let above = steps.iter().find(|step| step.to == index && layers[step.from] < layers[index]);
        let told: Vec<String> = match above {
            Some(step) => changes(&states[step.from].values, &states[index].values)
                .into_iter()
                .map(|change| {
                    format!("{} → {}", change.path, if change.after.is_empty() { "gone" } else { &change.after })
                })
                .collect(),
            None => Vec::new(),
        };
        let (shown, rest) =
            told.split_at(told.len().min(if told.len() > MOST_LINES { MOST_LINES - 1 } else { MOST_LINES }));
        lines.extend(shown.iter().map(|line| shortened(line)));
        lines.extend((!rest.is_empty()).then(|| format!("and {} more", rest.len())));
        lines
    };
    (0..states.len()).map(text).collect()
}

fn whole_line((name, value): &(String, verdict::TraceValue)) -> String {
    format!("{name} = {}", value_text(value))
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(MOST_CHARACTERS - 1) {
        Some((end, _)) if line.chars().count() > MOST_CHARACTERS => format!("{}…", &line[..end]),
        Some(_) | None => line.to_owned(),
    }
}

/// A box of a state.
struct Place {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Steps between the same two states are one edge.
struct Edge {
    from: usize,
    to: usize,
    label: String,
}

fn edges(steps: &[GraphStep]) -> Vec<Edge> {
    let mut by_ends: BTreeMap<(usize, usize), Vec<&str>> = BTreeMap::new();
    for step in steps {
        by_ends.entry((step.from, step.to)).or_default().push(&step.action);
    }
    by_ends.into_iter().map(|((from, to), names)| Edge { from, to, label: names.join(", ") }).collect()
}

fn boxes(rows: &[Vec<usize>], texts: &[Vec<String>], width: f64) -> Vec<Place> {
    let widest = rows.iter().map(Vec::len).max().unwrap_or(0) as f64;
    let mut places: Vec<Place> = texts.iter().map(|_| Place { x: 0.0, y: 0.0, width, height: 0.0 }).collect();
    let mut y = MARGIN;
    for row in rows {
        let indent = (widest - row.len() as f64) * (width + ACROSS) / 2.0;
        let height = row.iter().map(|index| texts[*index].len()).max().unwrap_or(1) as f64 * LINE + 12.0;
        for (position, index) in row.iter().enumerate() {
            let x = MARGIN + indent + position as f64 * (width + ACROSS);
            places[*index] = Place { x, y, width, height: texts[*index].len() as f64 * LINE + 12.0 };
        }
        y += height + DOWN;
    }
    places
}

/// The states of each layer in an order with few crossings.
fn rows(states: &[GraphState], steps: &[GraphStep], layers: &[usize]) -> Vec<Vec<usize>> {
    let rows = layers.iter().max().map_or(0, |last| last + 1);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); rows];
    (0..states.len()).for_each(|index| members[layers[index]].push(index));
    let mut best = (crossings(&members, steps, layers), members.clone());
    for sweep in 0..SWEEPS {
        let downwards = sweep % 2 == 0;
        let order: Vec<usize> =
            if downwards { (1..rows).collect() } else { (0..rows.saturating_sub(1)).rev().collect() };
        for row in order {
            let beside = centred(&members[if downwards { row - 1 } else { row + 1 }]);
            members[row] = averaged(&members[row], &beside, steps);
        }
        let found = crossings(&members, steps, layers);
        if found < best.0 {
            best = (found, members.clone());
        }
    }
    best.1
}

/// A row in the order in which the neighbours of its states stand on average in the row beside it.
fn averaged(row: &[usize], beside: &BTreeMap<usize, f64>, steps: &[GraphStep]) -> Vec<usize> {
    let own = centred(row);
    let weight = |index: usize| {
        let near = steps.iter().filter_map(|step| match (step.from == index, step.to == index) {
            (true, _) => beside.get(&step.to),
            (_, true) => beside.get(&step.from),
            (false, false) => None,
        });
        let (sum, count) = near.fold((0.0, 0), |(sum, count), place| (sum + place, count + 1));
        if count == 0 { own.get(&index).copied().unwrap_or(0.0) } else { sum / f64::from(count) }
    };
    let mut weighed: Vec<(f64, usize)> = row.iter().map(|index| (weight(*index), *index)).collect();
    weighed.sort_by(|a, b| a.0.total_cmp(&b.0));
    weighed.into_iter().map(|(_, index)| index).collect()
}

/// Positions in a row, its middle being 0: rows are drawn centred.
fn centred(row: &[usize]) -> BTreeMap<usize, f64> {
    let middle = (row.len() as f64 - 1.0) / 2.0;
    row.iter().enumerate().map(|(position, index)| (*index, position as f64 - middle)).collect()
}

/// Pairs of steps between neighbouring layers that cross.
fn crossings(members: &[Vec<usize>], steps: &[GraphStep], layers: &[usize]) -> usize {
    let place: BTreeMap<usize, usize> =
        members.iter().flat_map(|row| row.iter().enumerate().map(|(position, index)| (*index, position))).collect();
    let between = |row: usize| {
        let ends = steps.iter().filter(move |step| layers[step.from] == row && layers[step.to] == row + 1);
        ends.map(|step| (place[&step.from], place[&step.to])).collect::<Vec<_>>()
    };
    let crossed = |ends: Vec<(usize, usize)>| {
        let pairs =
            ends.iter().enumerate().flat_map(|(index, one)| ends[index + 1..].iter().map(move |other| (one, other)));
        pairs.filter(|(a, b)| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1)).count()
    };
    (0..members.len().saturating_sub(1)).map(|row| crossed(between(row))).sum()
}

/// Four points of a cubic curve for each edge.
fn routes(edges: &[Edge], boxes: &[Place], layers: &[usize]) -> Vec<[Point; 4]> {
    edges.iter().map(|edge| route(edge, edges, boxes, layers)).collect()
}

fn route(edge: &Edge, edges: &[Edge], boxes: &[Place], layers: &[usize]) -> [Point; 4] {
    let (from, to) = (&boxes[edge.from], &boxes[edge.to]);
    if edge.from == edge.to {
        let (x, y) = (from.x + from.width, from.y + from.height / 2.0);
        return [(x, y - 8.0), (x + 34.0, y - 22.0), (x + 34.0, y + 22.0), (x, y + 8.0)];
    }
    if layers[edge.to] == layers[edge.from] + 1 {
        let forward = |other: &&Edge| layers[other.to] == layers[other.from] + 1;
        let leaving: Vec<&Edge> = edges.iter().filter(forward).filter(|other| other.from == edge.from).collect();
        let entering: Vec<&Edge> = edges.iter().filter(forward).filter(|other| other.to == edge.to).collect();
        let start = from.x + from.width * share(leaving.iter().map(|other| (boxes[other.to].x, other.to == edge.to)));
        let end = to.x + to.width * share(entering.iter().map(|other| (boxes[other.from].x, other.from == edge.from)));
        let (top, bottom) = (from.y + from.height, to.y);
        let bend = (bottom - top) * 0.45;
        return [(start, top), (start, top + bend), (end, bottom - bend), (end, bottom)];
    }
    if layers[edge.to] == layers[edge.from] {
        // One way below the boxes, the other way above them.
        let below = from.x < to.x;
        let side = |place: &Place, part: f64| {
            (place.x + place.width * part, if below { place.y + place.height } else { place.y })
        };
        let (start, end) = if below { (side(from, 0.8), side(to, 0.2)) } else { (side(from, 0.2), side(to, 0.8)) };
        let depth = if below { 38.0 } else { -38.0 };
        return [start, (start.0, start.1 + depth), (end.0, end.1 + depth), end];
    }
    let start = (from.x + from.width, from.y + from.height * 0.3);
    let end = (to.x + to.width, to.y + to.height * 0.7);
    let out = 26.0 + 10.0 * layers[edge.from].abs_diff(layers[edge.to]) as f64;
    let right = start.0.max(end.0) + out;
    [start, (right, start.1), (right, end.1), end]
}

/// The place of one of several ends along a side, in the order of what is at their other ends.
fn share(ends: impl Iterator<Item = (f64, bool)>) -> f64 {
    let mut ends: Vec<(f64, bool)> = ends.collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let position = ends.iter().position(|(_, own)| *own).unwrap_or(0);
    (position as f64 + 1.0) / (ends.len() as f64 + 1.0)
}

/// Where a label stands on its curve: neighbours stand at different heights.
fn label_place(route: &[Point; 4], index: usize) -> [f64; 2] {
    let t = [0.5, 0.38, 0.62][index % 3];
    let s = 1.0 - t;
    let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
    let sum =
        |part: fn(&Point) -> f64| route.iter().zip(weights).map(|(point, weight)| part(point) * weight).sum::<f64>();
    [round(sum(|point| point.0)), round(sum(|point| point.1))]
}

/// Where a behavior runs: the state of each of its steps, `null` where the graph has no such state, and the edges between.
fn path(number: usize, behavior: &Counterexample, states: &[GraphState], edges: &[Edge]) -> Value {
    let text = |values: &[(String, verdict::TraceValue)]| values.iter().map(whole_line).collect::<Vec<_>>();
    let known: BTreeMap<Vec<String>, usize> =
        states.iter().enumerate().map(|(index, state)| (text(&state.values), index)).collect();
    let nodes: Vec<Option<usize>> =
        behavior.trace.steps.iter().map(|step| known.get(&text(&step.state)).copied()).collect();
    let back = match behavior.trace.ending {
        verdict::trace::Ending::BackTo(index) => nodes.get(index).copied().flatten(),
        verdict::trace::Ending::Finite | verdict::trace::Ending::Stuttering => None,
    };
    let closing = [(nodes.last().copied().flatten(), back)];
    let pairs = nodes.windows(2).map(|pair| (pair[0], pair[1])).chain(closing);
    let edge = |(from, to): (Option<usize>, Option<usize>)| {
        let (from, to) = (from?, to?);
        edges.iter().position(|edge| edge.from == from && edge.to == to)
    };
    json!({ "counterexample": number, "nodes": nodes, "edges": pairs.filter_map(edge).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use verdict::TraceValue;

    fn states(count: usize) -> Vec<GraphState> {
        let state = |number: usize| GraphState {
            initial: number == 0,
            values: vec![("x".to_owned(), TraceValue::Int(number.to_string()))],
        };
        (0..count).map(state).collect()
    }

    fn step(from: usize, to: usize) -> GraphStep {
        GraphStep { from, to, action: "Next".to_owned() }
    }

    #[test]
    fn a_layer_is_the_distance_from_the_beginning() {
        let steps = [step(0, 1), step(1, 2), step(0, 2), step(2, 3), step(3, 0)];
        assert_eq!(layers(&states(4), &steps), [0, 1, 1, 2]);
    }

    #[test]
    fn crossed_steps_are_uncrossed() {
        // 0 goes to 1, 2 and 3, and those to 6, 5 and 4.
        let steps = [step(0, 1), step(0, 2), step(0, 3), step(1, 6), step(2, 5), step(3, 4)];
        let order = rows(&states(7), &steps, &layers(&states(7), &steps)).concat();
        let at = |index: usize| order.iter().position(|other| *other == index).expect("every state has a place");
        let sign = |a: usize, b: usize| at(a) < at(b);
        assert_eq!(sign(1, 2), sign(6, 5));
        assert_eq!(sign(2, 3), sign(5, 4));
    }

    #[test]
    fn boxes_do_not_overlap_and_lie_inside_of_the_picture() {
        let steps = [step(0, 1), step(0, 2), step(0, 3), step(1, 4), step(3, 4), step(4, 0), step(2, 3), step(4, 4)];
        let picture = picture(&states(5), &steps, &[]);
        let number = |value: &Value, key: &str| value[key].as_f64().expect("a number");
        let nodes = picture["nodes"].as_array().expect("nodes");
        for (index, a) in nodes.iter().enumerate() {
            assert!(number(a, "x") >= 0.0 && number(a, "x") + number(a, "w") <= number(&picture, "width"));
            assert!(number(a, "y") >= 0.0 && number(a, "y") + number(a, "h") <= number(&picture, "height"));
            for b in &nodes[index + 1..] {
                let apart = |at: &str, size: &str| {
                    number(a, at) + number(a, size) <= number(b, at) || number(b, at) + number(b, size) <= number(a, at)
                };
                assert!(apart("x", "w") || apart("y", "h"), "{a} and {b}");
            }
        }
        assert_eq!(picture["edges"].as_array().map(Vec::len), Some(steps.len()));
    }

    #[test]
    fn long_states_show_what_changed() {
        let state = |initial, value: &str| GraphState {
            initial,
            values: vec![
                ("pc".to_owned(), TraceValue::String(value.to_owned())),
                ("log".to_owned(), TraceValue::String("x".repeat(60))),
            ],
        };
        let picture = picture(&[state(true, "a"), state(false, "b")], &[step(0, 1)], &[]);
        assert_eq!(picture["nodes"][0]["lines"], json!(["state 1"]));
        assert_eq!(picture["nodes"][1]["lines"], json!(["state 2", "pc → \"b\""]));
    }

    #[test]
    fn a_behavior_is_found_again_by_its_states() {
        let values = |number: i32| vec![("x".to_owned(), TraceValue::Int(number.to_string()))];
        let at = |number: i32| verdict::Step {
            action: "Next".to_owned(),
            bindings: Vec::new(),
            place: None,
            state: values(number),
            changes: Vec::new(),
            alias: None,
        };
        let behavior = Counterexample {
            trace: verdict::Trace {
                steps: vec![at(0), at(1), at(7)],
                ending: verdict::trace::Ending::BackTo(0),
                closing: None,
            },
            false_conjuncts: Vec::new(),
            notes: BTreeMap::new(),
        };
        let steps = [step(0, 1), step(1, 2)];
        let found = path(4, &behavior, &states(3), &edges(&steps));
        assert_eq!(found, json!({ "counterexample": 4, "nodes": [0, 1, null], "edges": [0] }));
    }
}
