use super::*;
use crate::{error::Code, ingest::profile::PROFILES_DIR, project};

/// A project with scans of a connection.
struct Home {
    dir: tempfile::TempDir,
    project: Project,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let text =
            "connections:\n  shop: { driver: postgres, url: env:A }\n  other: { driver: postgres, url: env:A }\n";
        fs::write(dir.path().join("ktx.yaml"), text).unwrap();
        let project = project::load(dir.path()).unwrap();
        Self { dir, project }
    }

    fn layout(&self) -> SourceLayout {
        SourceLayout::new(self.dir.path(), "shop", SOURCE)
    }

    /// Records a scan with a file of 10 bytes. Returns its name.
    fn scan(&self, environment: Option<&str>) -> String {
        let mut store = Store::open(self.dir.path()).unwrap();
        let mut report = RunReport::begin("shop", SOURCE, false);
        report.environment = environment.map(str::to_owned);
        store.insert(&report).unwrap();
        report.end(None);
        store.finish(&report, &[entity()]).unwrap();
        let folder = self.layout().sync(&report.sync_id);
        fs::create_dir_all(folder.join("tables")).unwrap();
        fs::write(folder.join("tables/a.json"), "0123456789").unwrap();
        report.sync_id
    }

    fn prune(&self, keep: usize) -> PrunedScans {
        prune_scans(&self.project, &PruneRequest { connection_id: None, keep, dry_run: false }).unwrap()
    }

    fn syncs(&self) -> Vec<String> {
        let folders = confined::list(self.dir.path(), &self.layout().syncs).unwrap();
        let mut names: Vec<_> =
            folders.iter().map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn entity() -> crate::ingest::entity::Entity {
    crate::ingest::entity::Entity {
        description: None,
        name: "a".into(),
        folder: "tables",
        title: "a".into(),
        group: "g".into(),
        hash: "h".into(),
        text: String::new(),
    }
}

#[test]
fn oldest_scans_are_removed_and_counted() {
    let home = Home::new();
    let scans: Vec<_> = (0..4).map(|_| home.scan(None)).collect();
    let dry = PruneRequest { connection_id: Some("shop".into()), keep: 2, dry_run: true };
    let planned = prune_scans(&home.project, &dry).unwrap();
    assert_eq!(home.syncs().len(), 4);
    let pruned = home.prune(2);
    assert_eq!(pruned, planned);
    assert_eq!((pruned.bytes, pruned.kept), (20, 2));
    assert_eq!(pruned.removed.iter().map(|scan| scan.sync_id.as_str()).collect::<Vec<_>>(), scans[..2]);
    assert_eq!(home.syncs(), scans[2..]);
    assert_eq!(home.prune(2), PrunedScans { kept: 2, ..PrunedScans::default() });
}

#[test]
fn environments_keep_their_own_scans_also_in_a_clone() {
    for is_clone in [false, true] {
        let home = Home::new();
        let scans = [home.scan(None), home.scan(Some("dev")), home.scan(None), home.scan(None)];
        if is_clone {
            fs::remove_dir_all(home.dir.path().join(".ktx")).unwrap();
            let folder = home.layout().sync(&scans[1]);
            fs::write(folder.join("connection.json"), r#"{"environment":"dev"}"#).unwrap();
        }
        home.prune(1);
        assert_eq!(home.syncs(), [scans[1].clone(), scans[3].clone()]);
    }
}

#[test]
fn base_of_the_next_scan_and_the_newest_findings_are_kept() {
    let home = Home::new();
    let detected = [home.scan(None), home.scan(None)];
    for scan in &detected {
        fs::write(home.layout().sync(scan).join(RELATIONSHIPS_FILE), "{}").unwrap();
    }
    let scans: Vec<_> = (0..4).map(|_| home.scan(None)).collect();
    for scan in &scans[..2] {
        fs::create_dir(home.layout().sync(scan).join(PROFILES_DIR)).unwrap();
    }
    // The last run repeated an older sync; a folder from another machine is newer.
    let mut store = Store::open(home.dir.path()).unwrap();
    let mut report = RunReport::begin("shop", SOURCE, false);
    store.insert(&report).unwrap();
    report.sync_id.clone_from(&scans[2]);
    report.end(None);
    store.finish(&report, &[entity()]).unwrap();
    home.prune(1);
    assert_eq!(home.syncs(), [&detected[1..], &scans[1..]].concat());
    let base = store.load_base("shop", SOURCE, None).unwrap().unwrap();
    assert_eq!((base.sync_id, base.entities.len()), (scans[2].clone(), 1));
}

#[test]
fn scan_in_progress_is_not_disturbed() {
    let home = Home::new();
    home.scan(None);
    home.scan(None);
    let _lock = try_lock(&home.layout()).unwrap().unwrap();
    let request = PruneRequest { connection_id: None, keep: 1, dry_run: false };
    assert_eq!(prune_scans(&home.project, &request).unwrap_err().code(), Code::RunBusy);
    assert_eq!(home.syncs().len(), 2);
    let unknown = PruneRequest { connection_id: Some("nope".into()), ..request };
    assert_eq!(prune_scans(&home.project, &unknown).unwrap_err().code(), Code::ConnectionUnknown);
}

#[test]
fn half_removed_scan_is_no_scan_and_removed_by_the_next_run() {
    let home = Home::new();
    let scans = [home.scan(None), home.scan(None)];
    let layout = home.layout();
    fs::rename(layout.sync(&scans[0]), layout.partial(&scans[0])).unwrap();
    assert_eq!(home.prune(1), PrunedScans { kept: 1, ..PrunedScans::default() });
    stage::remove_partial_syncs(&layout).unwrap();
    assert_eq!(home.syncs(), [scans[1].clone()]);
}
