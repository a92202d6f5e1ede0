//! Git repositories: reads what they store, searches it without materialising more than necessary,
//! and attributes keys to commits.

mod alternates;
mod ancestry;
mod append_buffer;
mod base_cache;
mod bundle;
mod cache;
mod cache_tree;
mod change_states;
mod clean_parts;
mod commit_graph;
mod commit_range;
mod config_files;
mod delta;
mod delta_forest;
mod delta_walk;
mod environment;
mod error;
mod file_mode;
mod fresh_bytes;
mod fresh_parts;
pub(super) mod ignore_settings;
pub(super) mod index;
mod index_diff;
mod index_lookup;
mod inflate;
mod key_history;
mod loose;
mod mailmap;
mod nested;
mod object_hash;
mod object_reader;
mod object_search;
mod object_store;
mod objects;
mod oid_list;
mod oid_marks;
mod other_store;
mod own_files;
mod pack;
mod pack_entry;
mod pack_file;
mod pack_index;
mod pack_indexer;
mod pointer;
mod push;
mod reachability;
mod ref_files;
mod reference;
mod references;
mod reftable;
mod repo;
mod revision;
mod revision_syntax;
pub(super) mod safe_read;
mod simplified_trees;
mod snapshot;
mod staged;
mod stored_files;
mod stored_objects;
mod submodules;
mod tree_diff;
mod tree_reading;
mod work_units;
mod zlib_stream;

pub use bundle::{BundleGaps, is_bundle, unpack};
pub use cache::{Cache, CacheError};
pub use change_states::ChangeStates;
pub use commit_graph::{CommitCollector, CommitGraph, CommitNode};
pub use commit_range::CommitRange;
pub use delta::{Delta, DeltaError, DeltaSink};
pub use delta_walk::walk;
pub use environment::GitEnvironment;
pub use error::{ReadError, RepoError};
pub use index::{Index, IndexEntry};
pub use index_lookup::IndexLookup;
pub use inflate::INFLATE_ROOM;
pub use key_history::{
    FirstAppearance, HistoryLocation, KeyHistory, ObjectHit, RepositoryContext, attribute,
};
pub use mailmap::Mailmap;
pub use object_reader::ObjectReader;
pub use object_search::{
    MatchAll, NeedleHit, NeedleKind, NeedleSearch, NeedleSet, ObjectVisitor, OidFilter,
    OutsideObjects, SearchSigns, SearchedObject, VisitedObject, WalkScope,
};
pub use object_store::{ObjectStore, StorePart};
pub use objects::{
    CommitObject, Signature, TagObject, TreeEntry, entries, entries_in, join_path, message_start,
    subject,
};
pub use oid_list::OidList;
pub use other_store::{OTHER_STORES, other_store};
pub use own_files::OwnFile;
pub use pack::Pack;
pub use pack_entry::{EntryBase, ObjectKind};
pub use pack_file::PackError;
pub use pointer::{FileContent, LfsStore, Pointer, is_git_crypt};
pub use push::{NonCommitRef, Push, PushReceiver, PushedTag, RefUpdate};
pub use reachability::{Reachability, ReachabilityRoot};
pub use reference::{LoggedChange, RefTarget, Reference};
pub use references::{Head, RefChange, RefStorage, References};
pub use repo::Repository;
pub use snapshot::Snapshot;
pub use staged::{ReplacedEntry, Staged, StagedChange};
pub use stored_files::{SharedRepository, StoredFileError, StoredFiles, StoredState};
pub use tree_diff::{AddedEntry, MAX_FOLDERS, MAX_PATH, MORE_FOLDERS, TreeDiff};
pub use tree_reading::unreadable_object;
