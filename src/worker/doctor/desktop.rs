//! What the desktop offers a window, found without opening one.

use std::path::{Path, PathBuf};

use crate::domain::doctor::{FileDialogs, Graphics};

/// The display server that a window would open on, and the kernel's drivers of the graphics cards where it tells them.
pub fn graphics() -> Graphics {
    Graphics { display: display(&variable), drivers: drivers(Path::new("/sys/class/drm")), renderer: None }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where both are there, the window takes Wayland.
fn display(variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    if cfg!(windows) {
        return Some("Windows".to_owned());
    }
    if cfg!(target_os = "macos") {
        return Some("macOS".to_owned());
    }
    let wayland = variable("WAYLAND_DISPLAY").or_else(|| variable("WAYLAND_SOCKET"));
    let wayland = wayland.map(|name| format!("Wayland ({name})"));
    wayland.or_else(|| variable("DISPLAY").map(|name| format!("X11 ({name})")))
}

/// The drivers of Linux's graphics cards, each once; none on other systems.
fn drivers(cards: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(cards) else { return Vec::new() };
    let names = entries.flatten().filter_map(|card| {
        let driver = std::fs::read_link(card.path().join("device").join("driver")).ok()?;
        Some(driver.file_name()?.to_string_lossy().into_owned())
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    names
}

/// The dialogs that the window would show: on Linux the portal's where the desktop has one that chooses files, else those
/// of zenity, else the window's own.
pub fn file_dialogs() -> FileDialogs {
    if cfg!(any(windows, target_os = "macos")) {
        return FileDialogs::System;
    }
    let data = variable("XDG_DATA_DIRS").unwrap_or_else(|| "/usr/local/share:/usr/share".to_owned());
    let own = variable("XDG_DATA_HOME").map(PathBuf::from).or_else(|| Some(dirs::home_dir()?.join(".local/share")));
    let data: Vec<PathBuf> = own.into_iter().chain(std::env::split_paths(&data)).collect();
    let has_bus = variable("DBUS_SESSION_BUS_ADDRESS").is_some()
        || variable("XDG_RUNTIME_DIR").is_some_and(|dir| Path::new(&dir).join("bus").exists());
    let programs = variable("PATH").unwrap_or_default();
    let has_zenity = std::env::split_paths(&programs).any(|dir| dir.join("zenity").is_file());
    if has_bus && has_portal(&data) {
        FileDialogs::Portal
    } else if has_zenity {
        FileDialogs::Zenity
    } else {
        FileDialogs::BuiltIn
    }
}

/// Whether the bus can start a portal, and one of its parts chooses files.
fn has_portal(data: &[PathBuf]) -> bool {
    let starts = |dir: &PathBuf| dir.join("dbus-1/services/org.freedesktop.portal.Desktop.service").is_file();
    let chooses = |dir: &PathBuf| {
        let parts = std::fs::read_dir(dir.join("xdg-desktop-portal/portals")).ok();
        parts.into_iter().flatten().flatten().any(|part| {
            let text = std::fs::read_to_string(part.path()).unwrap_or_default();
            text.contains("org.freedesktop.impl.portal.FileChooser")
        })
    };
    data.iter().any(starts) && data.iter().any(chooses)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    #[cfg(not(any(windows, target_os = "macos")))]
    fn a_window_takes_wayland_before_x11() {
        let of = |set: &[(&str, &str)]| {
            display(&|name| set.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(of(&[("DISPLAY", ":0"), ("WAYLAND_DISPLAY", "wayland-1")]).as_deref(), Some("Wayland (wayland-1)"));
        assert_eq!(of(&[("DISPLAY", ":0")]).as_deref(), Some("X11 (:0)"));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn a_portal_counts_where_it_can_be_started_and_chooses_files() {
        let folder = tempfile::tempdir().unwrap();
        let data = [folder.path().to_owned()];
        let write = |place: &str, text: &str| {
            let file = folder.path().join(place);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        assert!(!has_portal(&data));
        write("dbus-1/services/org.freedesktop.portal.Desktop.service", "[D-BUS Service]");
        write("xdg-desktop-portal/portals/lxqt.portal", "Interfaces=org.freedesktop.impl.portal.Settings;");
        assert!(!has_portal(&data), "it has no part that chooses files");
        write("xdg-desktop-portal/portals/gtk.portal", "Interfaces=org.freedesktop.impl.portal.FileChooser;");
        assert!(has_portal(&data));
    }
}
