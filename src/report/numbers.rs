//! Counts, sizes and times for people.

use std::time::Duration;

/// `1,234 files`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// `3 more places`.
pub(super) fn counted_more(count: u64, noun: &str) -> String {
    counted(count, &format!("more {noun}"))
}

/// `1234567` as `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `356 B`, `8.1 GB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = if value < 10.0 { 1 } else { 0 };
    format!("{value:.decimals$} {}", UNITS[unit])
}

/// `12 ms`, `2 min 10 s`.
pub(super) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 0.9995 {
        format!("{:.0} ms", (seconds * 1000.0).max(1.0))
    } else if seconds < 99.95 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} min {:.0} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sizes_and_times_read_well() {
        assert_eq!([1, 1234].map(|count| counted(count, "file")), ["1 file", "1,234 files"]);
        assert_eq!(
            [1, 2].map(|count| counted_more(count, "place")),
            ["1 more place", "2 more places"]
        );
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1234567), "1,234,567");
        let sizes = [0, 999, 1000, 9_940, 12_345, 999_600, 584_000_000, 8_100_000_000];
        let shown = sizes.map(size);
        assert_eq!(
            shown,
            ["0 B", "999 B", "1.0 kB", "9.9 kB", "12 kB", "1.0 MB", "584 MB", "8.1 GB"]
        );
        let times = [0, 12, 1000, 61_000, 130_000].map(Duration::from_millis).map(time);
        assert_eq!(times, ["1 ms", "12 ms", "1.0 s", "61.0 s", "2 min 10 s"]);
    }
}
