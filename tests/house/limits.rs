//! That every limit of what a peer can make us do is shown at the limit and one past it, and where.
//!
//! [`SHOWN`] is the list. Most limits are shown by vectors of `protocol-spec`, some next to the
//! code, and what is left here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use filbert::base::limits::{INFLATE_FREE_LEN, INFLATE_RATIO_MAX, XML_INFLATED_LEN_MAX};
use filbert::base::reader::Expect;
use filbert::gnutella::wire::{Xml, inflate};
use flate2::{Compression, write::GzEncoder, write::ZlibEncoder};

/// Where a limit is shown.
enum Shown {
    /// By two vectors: at the limit, and one past it.
    Vectors(&'static str, &'static str),
    /// By a test function of a file.
    Test(&'static str, &'static str),
}

use Shown::{Test, Vectors};

use crate::support::vectors::{self, Vector};

const HERE: &str = "tests/house/limits.rs";
const FT_DEADLINES: &str = "tests/fasttrack/link/deadlines.rs";
const FT_FAULTS: &str = "tests/fasttrack/link/faults.rs";
const FT_NAMES: &str = "tests/fasttrack/link/names.rs";
const FT_PACE: &str = "tests/fasttrack/link/pace.rs";
const PING_ALIVE: &str = "tests/pinging/alive.rs";
const PING_ANSWERS: &str = "tests/pinging/answers.rs";
const PING_DATAGRAMS: &str = "tests/pinging/datagrams.rs";
const PING_PONGS: &str = "tests/pinging/pongs.rs";
const SCARCITY: &str = "tests/promotion/scarcity.rs";
const DEADLINES: &str = "tests/link/deadlines.rs";
const PUSH_PROXY: &str = "tests/helping/push_proxy.rs";
const ASKERS: &str = "tests/helping/askers.rs";
const CONNECT_BACK: &str = "tests/helping/connect_back.rs";
const GUESS: &str = "tests/helping/guess.rs";
const OUT_OF_BAND: &str = "tests/helping/out_of_band.rs";
const FAIRNESS: &str = "tests/flow/fairness.rs";
const ROUTES: &str = "tests/router/routes.rs";
const ROUTER_PASSING_ON: &str = "tests/router/passing_on.rs";
const ROUTER_QUOTAS: &str = "tests/router/quotas.rs";
const ROUTER_TTL: &str = "tests/router/ttl.rs";
const QUEUES: &str = "tests/flow/queues.rs";
const STEPS: &str = "tests/dynamic_query/steps.rs";
const ENDS: &str = "tests/dynamic_query/ends.rs";
const GUIDANCE: &str = "tests/dynamic_query/guidance.rs";
const SEARCHES: &str = "tests/dynamic_query/fairness.rs";
const HITS: &str = "tests/dynamic_query/hits.rs";
const NODE: &str = "tests/node/limits.rs";
const CALLS: &str = "tests/node/host_cache/calls.rs";
const CUT_OFF: &str = "tests/node/host_cache/cut_off.rs";
const HEARSAY: &str = "tests/node/host_cache/hearsay.rs";
const LEFT_ALONE: &str = "tests/node/host_cache/left_alone.rs";
const SHARES: &str = "tests/node/host_cache/shares.rs";
const BANS: &str = "tests/node/bans.rs";
const BOOT_MULTICAST: &str = "tests/bootstrap/multicast.rs";
const BOOT_PACE: &str = "tests/bootstrap/pace.rs";
const BOOT_REPLIES: &str = "tests/bootstrap/replies.rs";
const BOOT_WHEN: &str = "tests/bootstrap/when.rs";
const KEPT: &str = "tests/node/kept.rs";
const NEED: &str = "src/promotion/need.rs";
const HTTP_ALTERNATES: &str = "tests/http/alternates.rs";
const HTTP_RANGES: &str = "tests/http/ranges.rs";
const FASTTRACK: &str = "tests/fasttrack/wire/limits.rs";
const LEAF_INDEX: &str = "tests/index/leaf_index.rs";
const ON_PARTING: &str = "tests/fasttrack/ordinary_node/parting.rs";
const ON_PUSHING: &str = "tests/fasttrack/ordinary_node/pushing.rs";
const ON_REMEMBERING: &str = "tests/fasttrack/ordinary_node/remembering.rs";
const ON_CHOOSING: &str = "tests/fasttrack/ordinary_node/choosing.rs";
const ON_SEEKING: &str = "tests/fasttrack/ordinary_node/seeking.rs";

const SN_FINDING: &str = "tests/fasttrack/supernode/finding.rs";
const SN_GREETING: &str = "tests/fasttrack/supernode/greeting.rs";
const SN_SEARCHES: &str = "tests/fasttrack/supernode/searches.rs";
const JOINING: &str = "tests/fasttrack/neighbours/joining.rs";
const TABLE_ROOM: &str = "tests/fasttrack/neighbours/room.rs";
const TABLE_WAYS: &str = "tests/fasttrack/neighbours/ways.rs";
const TELLING: &str = "tests/fasttrack/neighbours/telling.rs";
const FT_FLOODS: &str = "tests/fasttrack/neighbours/floods.rs";
const OWN_RECORD: &str = "tests/fasttrack/neighbours/own_record.rs";
const SEARCHING: &str = "tests/fasttrack/neighbours/searching.rs";
const FT_ANSWERS: &str = "tests/fasttrack/neighbours/answers.rs";
const RELAYING: &str = "tests/fasttrack/neighbours/relaying.rs";
const FT_PUSHES: &str = "tests/fasttrack/neighbours/pushes.rs";
const CROOKS: &str = "tests/fasttrack/neighbours/crooks.rs";
const SUMS: &str = "tests/fasttrack/neighbours/sums.rs";

/// Where it is used what a peer can make us do.
const ROOMS: [&str; 7] = [
    "src/cli/conform",
    "src/conform",
    "src/fasttrack",
    "src/gnutella",
    "src/index",
    "src/node",
    "src/promotion",
];

/// Each limit that these use, with one place that shows it.
#[rustfmt::skip]
const SHOWN: &[(&str, Shown)] = &[
    ("CASE_BYTES_MAX", Test("src/conform/script/hex.rs", "a_case_sends_so_much_at_once_and_no_more")),
    ("CASE_GUIDS_MAX", Test("src/conform/claims.rs", "so_many_are_remembered_and_then_the_oldest_is_forgotten")),
    ("AMPLIFICATION_MAX", Test("src/conform/play/probe.rs", "datagrams_may_bring_so_many_bytes_for_each_and_one_more_is_amplified")),
    ("AMPLIFICATION_FREE_LEN", Test("src/conform/play/probe.rs", "datagrams_may_bring_so_many_bytes_for_each_and_one_more_is_amplified")),
    ("MEMORY_GROWTH_MAX_KIB", Test("src/cli/conform/memory.rs", "so_much_more_is_borne_and_one_kib_beyond_is_unsafe")),
    ("SUBJECT_STARTS_MAX", Test("src/cli/conform/watch.rs", "it_is_started_so_many_times_and_no_more")),
    ("KEPT_FILE_LEN_MAX", Test("src/conform/tcp_subject/kept.rs", "files_are_told_of_as_long_as_they_are_not_too_long")),
    ("MESSAGES_SEEN_MAX", Test("src/conform/play/probe.rs", "so_many_messages_wait_for_a_step_and_one_more_is_a_flood")),
    ("TRANSCRIPT_LEN_MAX", Test("src/conform/play/transcript.rs", "so_many_bytes_are_kept_and_the_others_counted")),
    ("LEAVE_GRACE_MS", Test(FT_DEADLINES, "a_last_message_has_its_time_to_arrive")),
    ("NETWORK_LEN_MAX", Vectors("session-name-of-63", "session-name-of-64")),
    ("NETWORK_TRIED_LEN_MAX", Test(FT_NAMES, "names_have_a_length")),
    ("NETWORK_TRIED_LEN_MIN", Test(FT_NAMES, "names_have_a_length")),
    ("SESSION_NODE_INFOS_BURST", Test(FT_PACE, "what_goes_beyond_the_pace_waits_unread")),
    ("SESSION_NODE_INFO_EVERY_MS", Test(FT_PACE, "what_goes_beyond_the_pace_waits_unread")),
    ("PING_ANSWER_TIMEOUT_MS", Test(FT_DEADLINES, "a_quiet_session_is_asked_and_closed_if_it_stays_quiet")),
    ("HELD_MAX", Test("tests/node/sessions/parting.rs", "so_many_who_come_too_often_are_left_waiting_and_the_others_are_closed")),
    ("HELD_OF_HOST_MAX", Test("tests/node/sessions/parting.rs", "so_many_who_come_too_often_are_left_waiting_and_the_others_are_closed")),
    ("PONGS_WAITING_MAX", Test("tests/fasttrack/link/floods.rs", "pings_are_answered_and_a_flood_of_them_is_not")),
    ("SESSION_PUSHES_BURST", Test(FT_PACE, "what_goes_beyond_the_pace_waits_unread")),
    ("SESSION_PUSH_EVERY_MS", Test(FT_PACE, "what_goes_beyond_the_pace_waits_unread")),
    ("QUIET_TIMEOUT_MS", Test(FT_DEADLINES, "a_quiet_session_is_asked_and_closed_if_it_stays_quiet")),
    ("SESSION_SEARCHES_A_SECOND", Test(FT_PACE, "what_goes_beyond_the_pace_waits_unread")),
    ("SESSION_SEARCHES_BURST", Test(FT_PACE, "what_goes_beyond_the_pace_waits_unread")),
    ("SESSION_FAULTS_MAX", Test(FT_FAULTS, "three_malformed_messages_in_a_minute_are_forgiven_and_not_one_more")),
    ("SESSION_FAULT_LIFE_MS", Test(FT_FAULTS, "three_malformed_messages_in_a_minute_are_forgiven_and_not_one_more")),
    ("SESSION_SHARES_A_SECOND", Test(FT_PACE, "what_goes_beyond_the_pace_waits_unread")),
    ("SESSION_SHARES_BURST", Test(FT_PACE, "what_goes_beyond_the_pace_waits_unread")),
    ("FASTTRACK_ASKED_WAITING_MAX", Test("src/fasttrack/peer/desk.rs", "so_much_that_supernodes_ask_waits_and_not_one_more")),
    ("FASTTRACK_CHILD_FORWARDED_MAX", Test(SN_SEARCHES, "so_many_searches_are_forwarded_at_a_time_and_others_are_answered_from_here")),
    ("FASTTRACK_FORWARDED_MAX", Test(SN_SEARCHES, "so_many_searches_are_forwarded_at_a_time_and_others_are_answered_from_here")),
    ("FASTTRACK_NEWCOMER_MS", Test("tests/fasttrack/peer/sessions.rs", "whoever_does_not_say_what_it_is_has_to_go")),
    ("FASTTRACK_NODES_EVERY", Test(SN_GREETING, "children_hear_of_the_network_every_half_hour_and_of_nodes_every_two")),
    ("FASTTRACK_NUMBERS_EVERY_MS", Test(SN_GREETING, "children_hear_of_the_network_every_half_hour_and_of_nodes_every_two")),
    ("FASTTRACK_PONGS", Test("tests/fasttrack/peer/sessions.rs", "pings_are_answered_seldom_shortly_and_to_where_they_came_from")),
    ("FASTTRACK_PONG_EVERY_MS", Test("tests/fasttrack/peer/sessions.rs", "pings_are_answered_seldom_shortly_and_to_where_they_came_from")),
    ("FASTTRACK_QUEUES_LEN_MAX", Test("src/fasttrack/peer/queues.rs", "where_very_much_waits_in_all_results_find_room_where_little_does")),
    ("FASTTRACK_QUEUE_ACROSS_LEN_MAX", Test("src/fasttrack/peer/queues.rs", "what_goes_from_supernode_to_supernode_leaves_room_for_tables")),
    ("FASTTRACK_QUEUE_LEN_MAX", Test("src/fasttrack/peer/queues.rs", "results_wait_up_to_a_limit_and_other_messages_a_little_beyond")),
    ("FASTTRACK_QUEUE_LEN_MIN", Test("src/fasttrack/peer/queues.rs", "results_wait_up_to_a_limit_and_other_messages_a_little_beyond")),
    ("FASTTRACK_QUEUE_STALLED_MS", Test("tests/fasttrack/peer/queues.rs", "whoever_takes_nothing_for_a_minute_has_to_go")),
    ("FASTTRACK_SEARCHES_WAITING_MAX", Test("tests/fasttrack/peer/turns.rs", "so_many_searches_of_a_child_wait_and_not_one_more")),
    ("FASTTRACK_SEARCH_FITTING_MAX", Test(SN_FINDING, "of_so_many_files_that_fit_the_results_are_chosen")),
    ("FASTTRACK_SEARCH_READINGS_MAX", Test(SN_FINDING, "so_many_files_are_read_for_one_search_and_not_one_more")),
    ("FASTTRACK_SEARCH_RESULTS_MAX", Test(SN_SEARCHES, "of_one_search_two_hundred_results_are_told_whatever_was_wanted")),
    ("FASTTRACK_TERM_WORDS_MAX", Test(SN_FINDING, "a_term_may_have_so_many_words_and_not_one_more")),
    ("FASTTRACK_USERS_TOLD_MIN", Test(SN_GREETING, "the_greeting_waits_for_the_node_list_and_stands_in_one_order")),
    ("FASTTRACK_TRIES_MAX", Test("tests/node/sessions/roles.rs", "so_many_are_tried_in_a_while_and_not_one_more")),
    ("FASTTRACK_TRY_EVERY_MS", Test("tests/node/sessions/roles.rs", "so_many_are_tried_in_a_while_and_not_one_more")),
    ("GIVE_LINE_LEN_MAX", Test("src/fasttrack/http/give.rs", "what_is_no_number_of_a_push_is_refused_at_once_or_at_its_limit")),
    ("FASTTRACK_HELD_ALL_LEN_MAX", Test("src/fasttrack/neighbours/searches/held.rs", "so_many_bytes_are_held_of_a_search_and_of_all")),
    ("FASTTRACK_HELD_LEN_MAX", Test("src/fasttrack/neighbours/searches/held.rs", "so_many_bytes_are_held_of_a_search_and_of_all")),
    ("NAMED_SUPERNODE_AGAIN_MS", Test("tests/node/sessions/named.rs", "two_that_turn_it_away_are_not_called_without_end")),
    ("PARENT_ANSWER_MS", Test("tests/node/sessions/hosts.rs", "a_supernode_that_says_nothing_is_asked_and_given_up")),
    ("PARENT_QUIET_MS", Test("tests/node/sessions/hosts.rs", "a_supernode_that_says_nothing_is_asked_and_given_up")),
    ("REACH_ASKED_EVERY_MS", Test("tests/node/sessions/roles.rs", "who_may_become_a_supernode_asks_whether_it_can_be_called_and_is_called")),
    ("SUPERNODES_LOOKED_AT_AGAIN_MS", Test("tests/node/sessions/looking.rs", "those_that_were_full_are_asked_again_before_one_more_comes")),
    ("SUPERNODES_LOOKED_AT", Test("tests/node/sessions/roles.rs", "some_supernodes_are_asked_for_their_room_where_it_matters")),
    ("FASTTRACK_PUSHED_PORT_LOW", Test("tests/fasttrack/supernode/pushes.rs", "a_push_calls_nobody_but_who_asks")),
    ("FASTTRACK_NEIGHBOURS_MAX", Test(JOINING, "fifty_are_taken_and_not_one_more")),
    ("FASTTRACK_NEIGHBOURS_OF_NETWORK_MAX", Test(JOINING, "a_network_has_two_neighbours")),
    ("FASTTRACK_NEIGHBOURS_WANTED", Test(JOINING, "fifty_are_taken_and_not_one_more")),
    ("FASTTRACK_TABLE_WAIT_MS", Test(JOINING, "a_table_is_waited_for")),
    ("FASTTRACK_LISTS_EVERY_MS", Test(JOINING, "a_neighbour_tells_of_nodes_seldom")),
    ("FASTTRACK_SUPERNODES_MAX", Test(TABLE_ROOM, "a_thousand_are_kept_the_nearest_of_all")),
    ("FASTTRACK_SUPERNODES_OF_NEIGHBOUR_MIN", Test(TABLE_ROOM, "the_share_of_a_neighbour_is_a_hundred_at_least")),
    ("FASTTRACK_DISTANCE_MAX", Test(TABLE_WAYS, "a_distance_is_one_more_than_it_is_said_and_six_is_too_far")),
    ("FASTTRACK_HOLD_MS", Test(TABLE_WAYS, "an_unsafe_way_waits")),
    ("FASTTRACK_WAY_LIFE_S", Test(TABLE_WAYS, "a_way_that_is_not_renewed_is_forgotten")),
    ("FASTTRACK_WAYS_TIDY_MS", Test(TABLE_WAYS, "a_way_that_is_not_renewed_is_forgotten")),
    ("FASTTRACK_TABLE_GATHER_MS", Test(TELLING, "changes_are_gathered_and_told_to_others")),
    ("FASTTRACK_TABLE_EVERY_MS", Test(TELLING, "tables_follow_each_other_slowly")),
    ("FASTTRACK_RECORDS_MS", Test(TELLING, "changes_come_at_a_bounded_rate_and_each_has_its_turn")),
    ("FASTTRACK_RECORDS_TOLD_MAX", Test(TELLING, "changes_come_at_a_bounded_rate_and_each_has_its_turn")),
    ("FASTTRACK_RECORDS_HEARD_MAX", Test(FT_FLOODS, "a_neighbour_is_heard_at_a_bounded_rate")),
    ("FASTTRACK_OWN_EVERY_MS", Test(OWN_RECORD, "a_change_is_told_once_a_minute")),
    ("FASTTRACK_OWN_RENEWED_MS", Test(OWN_RECORD, "it_is_renewed_every_ten_minutes")),
    ("FASTTRACK_ASKED_AT_ONCE", Test(SEARCHING, "six_are_asked_at_a_time_and_sixty_in_all")),
    ("FASTTRACK_ASKED_MAX", Test(SEARCHING, "six_are_asked_at_a_time_and_sixty_in_all")),
    ("FASTTRACK_ASKED_NEAREST", Test(SEARCHING, "the_nearest_are_asked_first_and_then_anybody")),
    ("FASTTRACK_ASKED_WAIT_MS", Test(SEARCHING, "ten_seconds_are_enough")),
    ("FASTTRACK_SEARCH_MS", Test(SEARCHING, "a_search_has_an_id_and_an_end")),
    ("FASTTRACK_SILENT_MS", Test(SEARCHING, "who_did_not_answer_is_asked_last")),
    ("FASTTRACK_SEARCHES_MAX", Test(SEARCHING, "so_many_searches_run")),
    ("FASTTRACK_SEARCHES_SENT_BURST", Test(SEARCHING, "a_neighbour_is_given_so_many_searches")),
    ("FASTTRACK_SEARCHES_SENT_PER_S", Test(SEARCHING, "a_neighbour_is_given_so_many_searches")),
    ("FASTTRACK_SEARCH_RETRY_MS", Test(SEARCHING, "a_neighbour_is_given_so_many_searches")),
    ("FASTTRACK_SEARCHES_TAKEN_BURST", Test(FT_ANSWERS, "a_neighbour_brings_so_many_searches")),
    ("FASTTRACK_SEARCHES_TAKEN_PER_S", Test(FT_ANSWERS, "a_neighbour_brings_so_many_searches")),
    ("FASTTRACK_SEARCH_KNOWN_S", Test(FT_ANSWERS, "a_search_is_answered_once_in_five_minutes")),
    ("FASTTRACK_SEARCHES_KNOWN_MAX", Test(FT_ANSWERS, "a_neighbour_that_brings_many_searches_loses_its_own")),
    ("FASTTRACK_RELAYED_BURST", Test(RELAYING, "so_much_is_passed_on_for_a_neighbour")),
    ("FASTTRACK_RELAYED_LEN", Test(RELAYING, "what_is_large_counts_as_more")),
    ("FASTTRACK_RELAYED_PER_S", Test(RELAYING, "so_much_is_passed_on_for_a_neighbour")),
    ("FASTTRACK_PUSHES_TAKEN_BURST", Test(FT_PUSHES, "a_push_is_for_a_child_of_ours")),
    ("FASTTRACK_PUSHES_TAKEN_PER_S", Test(FT_PUSHES, "a_push_is_for_a_child_of_ours")),
    ("FASTTRACK_DOUBT_MS", Test(CROOKS, "a_neighbour_is_doubted_for_a_while")),
    ("FASTTRACK_DOUBT_OUTCOMES_MIN", Test(CROOKS, "a_neighbour_is_doubted_for_a_while")),
    ("FASTTRACK_SUMS_EVERY_MS", Test(SUMS, "sums_are_those_of_the_table_and_our_own")),
    ("FASTTRACK_HOPS_MAX", Test(FASTTRACK, "a_message_is_relayed_up_to_its_hops")),
    ("FASTTRACK_NODES_MAX", Vectors("node-list-200", "node-list-201")),
    ("FASTTRACK_RECORDS_MAX", Test(FASTTRACK, "of_a_table_the_first_thousand_and_one_count")),
    ("FASTTRACK_RESULTS_MAX", Test(FASTTRACK, "of_results_the_first_two_hundred_count")),
    ("FASTTRACK_RESULTS_SENT_MAX", Test("tests/fasttrack/wire/results.rs", "ten_results_go_into_a_message")),
    ("FASTTRACK_TAGS_MAX", Vectors("tags-64", "tags-65")),
    ("FASTTRACK_TERMS_MAX", Vectors("search-16-terms", "search-17-terms")),
    ("FASTTRACK_USER_LEN_MAX", Test("src/fasttrack/wire/names.rs", "a_name_is_cut_at_its_limit")),
    ("FASTTRACK_VALUE_LEN_MAX", Vectors("search-value-of-1024", "search-value-of-1025")),
    ("SUPERNODES_ASKED", Test(ON_SEEKING, "five_are_asked_at_once_and_the_fastest_is_taken")),
    ("SUPERNODE_NEAR_MS", Test(ON_CHOOSING, "of_those_that_are_about_as_near_the_one_with_the_least_load_is_taken")),
    ("SUPERNODE_OTHERS_MS", Test(ON_CHOOSING, "half_a_second_after_an_answer_the_next_are_asked")),
    ("SUPERNODE_FULL_WAIT_MS_MAX", Test(ON_CHOOSING, "one_that_was_full_is_asked_again_soon")),
    ("SUPERNODE_PATIENCE_MS", Test(ON_SEEKING, "the_next_five_are_asked_after_two_seconds_and_the_first_are_called")),
    ("SUPERNODE_TRIALS_MAX", Test(ON_SEEKING, "the_next_five_are_asked_after_two_seconds_and_the_first_are_called")),
    ("SUPERNODE_CALL_MS", Test(ON_SEEKING, "a_call_of_which_nothing_is_heard_is_given_up")),
    ("SUPERNODE_GREETING_MS", Test(ON_SEEKING, "one_that_says_nothing_is_left_for_another")),
    ("SUPERNODE_CALLS_BURST", Test(ON_REMEMBERING, "supernodes_that_decline_are_called_at_a_bounded_pace")),
    ("SUPERNODE_CALL_EVERY_MS", Test(ON_REMEMBERING, "supernodes_that_decline_are_called_at_a_bounded_pace")),
    ("SUPERNODE_WAIT_MS", Test(ON_PARTING, "where_all_fail_they_are_asked_again_after_longer_and_longer")),
    ("SUPERNODE_WAIT_MS_MAX", Test(ON_PARTING, "where_all_fail_they_are_asked_again_after_longer_and_longer")),
    ("SUPERNODE_STEADY_MS", Test(ON_PARTING, "sessions_that_do_not_last_are_followed_by_waits")),
    ("SUPERNODES_MAX", Test(ON_REMEMBERING, "two_hundred_are_remembered_and_not_one_more")),
    ("SUPERNODES_OF_SENDER_MAX", Test(ON_REMEMBERING, "one_sender_fills_no_more_than_its_share")),
    ("SUPERNODES_OF_NETWORK_MAX", Test(ON_REMEMBERING, "one_network_is_no_more_than_a_quarter_of_a_list")),
    ("SUPERNODE_ANSWER_MS", Test(ON_SEEKING, "an_answer_counts_from_whom_was_asked_once_and_not_for_long")),
    ("SUPERNODES_WAITED_FOR_MAX", Test("src/fasttrack/ordinary_node/asked.rs", "so_many_are_waited_for_and_not_one_more")),
    ("NODE_LIST_EVERY_MS", Test(ON_REMEMBERING, "lists_are_heard_once_in_a_while")),
    ("SHARED_WITH_SUPERNODE_MAX", Test("tests/fasttrack/ordinary_node/sharing.rs", "seventy_files_are_shared_and_not_one_more")),
    ("SHARE_UNASKED_MS", Test("tests/fasttrack/ordinary_node/sharing.rs", "files_are_shared_ten_seconds_after_0x2c_unasked")),
    ("NODE_INFO_SENT_EVERY_MS", Test("tests/fasttrack/ordinary_node/greeting.rs", "who_we_are_is_not_said_again_all_the_time")),
    ("ASKED_SUPERNODE_MS", Test("tests/fasttrack/ordinary_node/searching.rs", "a_search_of_which_nothing_is_heard_is_over")),
    ("SEARCH_ID_REST_MS", Test("src/fasttrack/ordinary_node/searches.rs", "an_id_rests_for_a_minute")),
    ("SEARCH_IDS_RESTING_MAX", Test("src/fasttrack/ordinary_node/searches.rs", "so_many_ids_rest_and_not_one_more")),
    ("SUPERNODE_RESULTS_TOLD_MAX", Test("tests/fasttrack/ordinary_node/answers.rs", "results_of_a_search_have_a_limit_whoever_brings_them")),
    ("SUPERNODE_RESULTS_LEN_MAX", Test("tests/fasttrack/ordinary_node/answers.rs", "results_of_a_search_keep_so_many_bytes_and_not_one_more")),
    ("GIVE_WAIT_MS", Test(ON_PUSHING, "give_is_taken_once_for_a_push_of_the_last_two_minutes")),
    ("GIVES_WAITED_FOR_MAX", Test(ON_PUSHING, "numbers_of_pushes_differ_and_cannot_be_guessed")),
    ("PUSHED_CALLS_MAX", Test(ON_PUSHING, "ten_calls_are_made_at_a_time_and_not_one_more")),
    ("AHEAD_LEN_MAX",                     Test(DEADLINES, "what_comes_ahead_of_an_answer_is_kept_up_to_its_limit")),
    ("ANSWERS_MAX", Test("tests/node/answers.rs", "a_query_gets_as_many_results_as_the_limit_and_not_one_more")),
    ("ANSWER_RECORDS_MAX", Test("tests/node/answers.rs", "a_hit_holds_as_many_records_as_its_limit_and_not_one_more")),
    ("HIT_MESSAGE_LEN_MAX", Test("tests/node/records.rs", "a_hit_is_as_long_as_the_limit_and_not_a_byte_longer")),
    ("RECORD_SOURCES_MAX", Test("tests/node/records.rs", "a_record_names_as_many_sources_as_the_limit_and_no_more")),
    ("SOURCED_FILES_MAX", Test("src/gnutella/servent/offered.rs", "sources_of_so_many_files_are_known_and_of_no_more")),
    ("PARTIAL_FILES_MAX", Test("src/gnutella/servent/offered.rs", "parts_of_so_many_files_are_offered_and_of_no_more")),
    ("PARTIAL_NODES_LEN_MAX", Test("src/gnutella/wire/ggep/blocks.rs", "as_much_is_said_as_has_room")),
    ("NEWEST_ANSWERS_MAX", Test("tests/node/records.rs", "the_newest_files_answer_what_asks_for_them")),
    ("NEWEST_EVERY_MS", Test("src/gnutella/servent/newest.rs", "a_neighbour_asks_once_in_a_while_and_brings_some_of_others")),
    ("NEWEST_RELAYED_MAX", Test("src/gnutella/servent/newest.rs", "a_neighbour_asks_once_in_a_while_and_brings_some_of_others")),
    ("NEWEST_ALL_MAX", Test("src/gnutella/servent/newest.rs", "all_neighbours_together_have_a_limit")),
    ("SEARCHED_TEXT_LEN_MIN", Test("tests/node/records.rs", "short_texts_are_searched_for_near_to_us_only")),
    ("SHORT_TEXT_LEN_MAX", Test("tests/node/records.rs", "short_texts_are_searched_for_near_to_us_only")),
    ("SHORT_TEXT_HOPS_MAX", Test("tests/node/records.rs", "short_texts_are_searched_for_near_to_us_only")),
    ("OWN_NEWEST_EVERY_MS", Test("tests/node/records.rs", "this_node_asks_what_is_new_seldom")),
    ("OWN_URN_SLOTS", Test("src/gnutella/query_routing/own_words.rs", "contents_are_words_too_until_they_would_fill_the_table")),
    ("SOURCE_CALL_EVERY_MS", Test("tests/helping/source_calls.rs", "a_host_waits_for_its_second_call")),
    ("SOURCE_CALLS_OF_HOST_MAX", Test("tests/helping/source_calls.rs", "a_victim_that_hits_name_is_called_once_a_minute_and_three_times_in_all")),
    ("SOURCE_LEFT_ALONE_MS", Test("tests/helping/source_calls.rs", "a_victim_that_hits_name_is_called_once_a_minute_and_three_times_in_all")),
    ("SOURCE_CALLS_MAX", Test("tests/helping/source_calls.rs", "so_many_strangers_are_called_in_a_minute")),
    ("SOURCE_SERVENTS_MAX", Test("tests/helping/source_calls.rs", "so_many_servents_are_remembered")),
    ("SOURCE_SERVENT_EVERY_MS", Test("tests/helping/source_calls.rs", "a_servent_is_called_as_often_as_there_is_reason")),
    ("HTTP_PUSH_AFTER_MS", Test("tests/helping/proxy_round.rs", "proxies_are_asked_over_http_when_no_call_has_come_of_a_push")),
    ("HTTP_PUSH_CALL_WAIT_MS", Test("tests/helping/proxy_round.rs", "after_a_proxy_has_passed_it_on_the_next_waits")),
    ("HTTP_PUSH_PROXIES_MAX", Test("tests/helping/proxy_round.rs", "no_more_than_so_many_proxies_are_asked")),
    ("REQUESTED_PUSHES_OF_SERVENT_MAX", Test("tests/helping/source_calls.rs", "few_pushes_are_asked_for_over_http")),
    ("REQUESTED_PUSHES_OF_HOST_MAX", Test("tests/helping/source_calls.rs", "few_pushes_are_asked_for_over_http")),
    ("REQUESTED_PUSHES_MAX", Test("tests/helping/source_calls.rs", "few_pushes_are_asked_for_over_http")),
    ("REQUESTED_PUSHES_EVERY_MS", Test("tests/helping/source_calls.rs", "few_pushes_are_asked_for_over_http")),
    ("OWN_PUSH_PROXIES_MAX", Test("tests/node/pushing.rs", "push_proxies_are_sent_datagrams")),
    ("OWN_PUSHES_OF_HOST_MAX", Test("tests/helping/source_calls.rs", "few_pushes_of_ours_go_to_one_host_or_servent")),
    ("OWN_PUSHES_OF_SERVENT_MAX", Test("tests/helping/source_calls.rs", "few_pushes_of_ours_go_to_one_host_or_servent")),
    ("OWN_PUSHES_MAX", Test("tests/helping/source_calls.rs", "few_pushes_of_ours_go_to_one_host_or_servent")),
    ("OWN_PUSH_EVERY_MS", Test("tests/helping/source_calls.rs", "few_pushes_of_ours_go_to_one_host_or_servent")),
    ("SPAM_SEARCHES_MAX", Test("tests/helping/hit_spam.rs", "so_much_is_remembered_and_no_more")),
    ("SPAM_THINGS_MAX", Test("tests/helping/hit_spam.rs", "so_much_is_remembered_and_no_more")),
    ("SPAM_NAMES_MAX", Test("tests/helping/hit_spam.rs", "so_many_names_of_a_content_are_remembered_and_no_more")),
    ("SPAM_ALTERNATES_MAX", Test("tests/helping/hit_spam.rs", "a_record_alone_can_be_too_much")),
    ("SPAM_SHA1_OCTETS_MIN", Test("tests/helping/hit_spam.rs", "a_record_alone_can_be_too_much")),
    ("SPAM_SAME_SIZE_MIN", Test("tests/helping/hit_spam.rs", "a_size_that_all_have_is_seen_through")),
    ("SPAM_SAME_REST_MIN", Test("tests/helping/hit_spam.rs", "a_servent_that_has_whatever_is_sought_is_seen_through")),
    ("SPAM_EXTENSIONS_MIN", Test("tests/helping/hit_spam.rs", "one_name_with_many_extensions_is_seen_through")),
    ("ULTRAPEER_SHARES", Test("tests/node/limits.rs", "an_ultrapeer_has_so_many_shares_as_the_limit_says")),
    ("BOOT_HOSTS_ENOUGH",                 Test(BOOT_WHEN, "whoever_knows_enough_hosts_tries_them_first")),
    ("BOOT_PATIENCE_MS",                  Test(BOOT_WHEN, "whoever_was_connected_has_patience_again")),
    ("BOOT_UNRESOLVED_MAX_MS",            Test(BOOT_WHEN, "names_that_cannot_be_resolved_are_looked_up_more_and_more_seldom")),
    ("BOOT_UNRESOLVED_MS",                Test(BOOT_WHEN, "names_that_cannot_be_resolved_are_looked_up_more_and_more_seldom")),
    ("BOOT_WEB_AFTER_MS",                 Test(BOOT_WHEN, "web_caches_follow_where_udp_host_caches_did_not_help")),
    ("CACHES_ASKED_MAX",                  Test(BOOT_PACE, "so_many_that_were_asked_are_remembered_and_no_more")),
    ("CACHES_LEARNT_MAX",                 Test(BOOT_PACE, "so_many_caches_are_taken_from_an_answer_and_kept_in_all")),
    ("CACHES_BY_NEIGHBOURS_MAX",          Test(BOOT_PACE, "few_caches_are_kept_by_the_word_of_neighbours")),
    ("HOST_CACHES_NAMED_MAX",             Test(BOOT_PACE, "few_caches_are_named_and_none_at_the_port_of_another_service")),
    ("HOST_CACHE_NAMED_LIFE_MS",          Test(BOOT_PACE, "caches_that_have_answered_are_named_to_others")),
    ("HOSTS_BEFORE_CACHES",               Test(PING_DATAGRAMS, "a_short_answer_has_five_hosts_then_caches_then_the_other_hosts")),
    ("CACHES_OF_ANSWER_MAX",              Test(BOOT_PACE, "so_many_caches_are_taken_from_an_answer_and_kept_in_all")),
    ("HOST_CACHES_ASKED_MAX",             Test(BOOT_WHEN, "few_host_caches_are_asked_at_the_same_time")),
    ("HOST_CACHE_INTERVAL_MS",            Test(BOOT_PACE, "who_was_asked_by_an_earlier_run_is_not_asked_too_soon")),
    ("HOST_CACHE_PORT_MIN", Test("src/gnutella/bootstrap/udp_host_cache.rs", "others_may_name_ports_from_so_much_on")),
    ("HOST_CACHE_TRIES",                  Test(BOOT_PACE, "caches_that_others_name_come_after_ours_and_are_forgotten_after_three_failures")),
    ("HOST_CACHE_WAIT_MAX_MS",            Test(BOOT_PACE, "a_host_cache_that_never_answers_is_asked_more_and_more_seldom")),
    ("MULTICAST_ANSWERS_MAX",             Test(BOOT_MULTICAST, "a_host_is_answered_once_in_a_while_and_many_of_them_not_without_end")),
    ("MULTICAST_ANSWER_INTERVAL_MS",      Test(BOOT_MULTICAST, "a_host_is_answered_once_in_a_while_and_many_of_them_not_without_end")),
    ("MULTICAST_HOSTS_MAX",               Test(BOOT_MULTICAST, "so_many_hosts_are_taken_for_one_ping_and_not_one_more")),
    ("MULTICAST_PING_INTERVAL_MS",        Test(BOOT_MULTICAST, "the_local_network_is_pinged_at_the_start_and_seldom_after_it")),
    ("MULTICAST_TIMEOUT_MS",              Test(BOOT_MULTICAST, "whoever_answers_in_time_becomes_known")),
    ("HOST_KEPT_HEARSAY_LIFE_S",          Test(KEPT, "hosts_are_remembered_for_so_long_and_not_a_second_longer")),
    ("HOST_KEPT_LIFE_S",                  Test(KEPT, "hosts_are_remembered_for_so_long_and_not_a_second_longer")),
    ("PONG_CACHES_TAKEN_MAX",             Test(KEPT, "so_many_caches_are_taken_from_one_pong_and_not_one_more")),
    ("WEB_ANNOUNCE_EVERY_MS", Test("tests/bootstrap/updates.rs", "a_reachable_ultrapeer_announces_itself_once_an_hour")),
    ("WEB_CACHE_HOSTS_MAX",               Test(BOOT_REPLIES, "so_many_hosts_are_taken_and_not_one_more")),
    ("WEB_CACHE_INTERVAL_MS",             Test(BOOT_PACE, "who_was_asked_by_an_earlier_run_is_not_asked_too_soon")),
    ("WEB_CACHE_REPLY_LEN_MAX",           Test(BOOT_REPLIES, "a_reply_is_read_up_to_so_many_bytes")),
    ("WEB_CACHE_TIMEOUT_MS",              Test(BOOT_PACE, "web_caches_are_asked_one_after_the_other")),
    ("WEB_CACHE_URL_LEN_MAX", Test("src/gnutella/bootstrap/web_cache/url.rs", "a_url_has_so_many_characters_and_not_one_more")),
    ("WEB_CACHE_WAIT_MAX_MS",             Test(BOOT_PACE, "a_web_cache_is_asked_once_an_hour_and_less_when_it_fails")),
    ("BYE_GRACE_MS",                      Test(DEADLINES, "a_bye_has_its_time_to_arrive")),
    ("BYE_LEN_MAX",                     Vectors("bye-4096", "bye-4097")),
    ("CRAWLER_AGENTS_INFLATED_LEN_MAX", Test("src/gnutella/wire/vendor/agents.rs", "names_at_the_limit_and_one_past_it")),
    ("DATAGRAM_INFLATED_LEN_MAX",       Vectors("inflated-16384", "inflated-16385")),
    ("DEFLATE_FLUSH_MS",                  Test(DEADLINES, "compressed_bytes_wait_for_company_but_not_for_long")),
    ("DEFLATE_KEEP_MS",                   Test(DEADLINES, "a_quiet_link_gives_up_its_compressor_and_goes_on_all_the_same")),
    ("FAULTS_MAX",                      Test("src/base/error.rs", "faults_stop_at_their_limit")),
    ("FRAME_TIMEOUT_MS",                  Test(DEADLINES, "a_message_that_has_begun_must_come_to_its_end")),
    ("GGEP_INFLATED_LEN_MAX",           Vectors("ggep-inflates-to-16384", "ggep-inflates-to-16385")),
    ("GGEP_ITEMS_MAX",                  Vectors("ggep-32-items", "ggep-33-items")),
    ("GGEP_TAIL_LEN_MAX",               Vectors("ping-ggep-1536", "ping-ggep-1537")),
    ("HANDSHAKE_TIMEOUT_MS",              Test(DEADLINES, "a_handshake_may_take_its_time_and_not_a_microsecond_more")),
    ("HEAD_HEADERS_MAX",                Vectors("headers-64", "headers-65")),
    ("HEAD_HOSTS_MAX", Test("src/gnutella/link/capabilities.rs", "lists_are_taken_up_to_their_limits")),
    ("HEAD_ITEMS_MAX", Test("src/gnutella/link/capabilities.rs", "lists_are_taken_up_to_their_limits")),
    ("HEAD_LEN_MAX",                    Vectors("head-8192", "head-8193")),
    ("HEAD_LINE_LEN_MAX",               Vectors("line-1024", "line-1025")),
    ("INFLATE_FREE_LEN",                Vectors("inflated-hundredfold", "inflated-more-than-hundredfold")),
    ("INFLATE_RATIO_MAX",               Test(HERE, "what_grows_a_hundredfold_is_taken_and_not_more")),
    ("OPENING_LEN_MAX",                   Test("src/gnutella/link/sniff.rs", "what_leaves_every_word_is_foreign_at_once_and_the_longest_word_ends_in_time")),
    ("OTHER_PAYLOAD_LEN_MAX",           Vectors("ping-40960", "ping-40961")),
    ("OUTBOX_LEN_MAX",                    Test(DEADLINES, "a_link_wants_no_more_frames_when_enough_waits")),
    ("PAYLOAD_LEN_MAX",                 Vectors("payload-65535", "payload-65536")),
    ("QUERY_FORWARDED_LEN_MAX",         Vectors("query-256", "query-257")),
    ("QUERY_HIT_FORWARDED_LEN_MAX",     Vectors("query-hit-16384", "query-hit-16385")),
    ("QUERY_LEN_MAX",                   Vectors("query-1024", "query-1025")),
    ("QUERY_LEN_MIN",                   Vectors("query-4-bytes", "query-3-bytes")),
    ("QUERY_TABLE_KEPT_SLOTS_MAX", Test("tests/query_routing/receiving.rs", "a_larger_table_is_folded_when_it_comes")),
    ("QUERY_TABLE_MERGE_EVERY_MS", Test("tests/query_routing/matching.rs", "our_table_changes_when_there_is_something_new_and_not_too_often")),
    ("QUERY_TABLE_MERGED_SLOTS", Test("tests/query_routing/attacks.rs", "leaves_fill_so_much_of_our_table_and_not_one_slot_more")),
    ("QUERY_TABLE_PIECE_EVERY_MS", Test("tests/query_routing/sending.rs", "nothing_is_sent_before_its_time")),
    ("QUERY_TABLE_PIECE_LEN_MAX", Test("tests/query_routing/sending.rs", "a_large_table_comes_in_pieces_one_after_the_other")),
    ("QUERY_TABLE_REBUILD_EVERY_MS", Test("tests/query_routing/matching.rs", "words_that_are_gone_stay_until_the_table_is_made_from_nothing")),
    ("QUERY_TABLE_SATURATED_SLOTS", Test("tests/query_routing/matching.rs", "a_table_is_saturated_when_more_than_half_of_it_is_set")),
    ("QUERY_TABLE_SEQUENCES_MAX", Test("tests/query_routing/unfinished.rs", "so_many_patches_may_be_unfinished_and_not_one_more")),
    // The next power of two; numbers between are refused for another reason.
    ("QUERY_TABLE_SLOTS_MAX",           Vectors("stream-largest-table", "stream-table-too-large")),
    ("QUERY_TABLE_STEPS", Test("tests/query_routing/receiving.rs", "a_table_may_be_sent_so_often_and_not_once_more")),
    ("QUERY_TABLE_STEP_SLOTS", Test("tests/query_routing/receiving.rs", "a_larger_table_may_be_sent_less_often")),
    ("QUERY_TABLE_UPDATE_BYTES_PER_MINUTE", Test("tests/query_routing/sending.rs", "changes_have_so_many_bytes_a_minute_and_the_first_table_has_not")),
    ("QUERY_WORDS_MAX", Test("tests/query_routing/matching.rs", "so_many_words_of_a_query_are_looked_up_and_not_one_more")),
    ("REFUSAL_GRACE_MS",                  Test(DEADLINES, "a_refusal_has_its_time_to_arrive")),
    ("SATURATED_LEAF_QUERIES", Test("tests/query_routing/matching.rs", "a_leaf_with_a_saturated_table_gets_so_many_queries_and_not_one_more")),
    ("SATURATED_LEAVES_PER_QUERY_MAX", Test("tests/query_routing/matching.rs", "leaves_with_saturated_tables_take_turns")),
    ("STREAM_INFLATE_FREE_LEN",           Test("src/gnutella/link/inflater.rs", "a_bomb_is_refused_and_what_is_free_is_not")),
    ("TRY_HOSTS_MAX",                     Test("src/gnutella/link/refusal.rs", "as_many_others_are_named_as_the_limit_allows")),
    ("XML_INFLATED_LEN_MAX",            Test(HERE, "xml_inflates_to_its_limit_and_no_further")),
    ("ANSWER_WAIT_MS",                    Test(QUEUES, "what_has_waited_for_too_long_is_not_sent")),
    ("CALLBACKS_FAILED_MAX",              Test(PUSH_PROXY, "so_many_hosts_that_failed_are_remembered_and_no_more")),
    ("CALLBACKS_MAX",                     Test(PUSH_PROXY, "neighbours_share_the_hosts_that_are_called_in_a_minute")),
    ("CALLBACKS_ASKED_MAX",               Test(ASKERS, "so_many_who_have_asked_are_remembered")),
    ("CALLBACKS_OF_ASKER_MAX",            Test(ASKERS, "whoever_has_asked_is_called_so_often_in_a_minute")),
    ("CALLBACK_ASKED_MS",                 Test(ASKERS, "that_somebody_has_asked_holds_for_its_time")),
    ("CALLBACK_EVERY_MS",                 Test(PUSH_PROXY, "a_host_is_called_again_after_its_time")),
    ("CALLBACK_FAILED_MS",                Test(PUSH_PROXY, "a_host_where_a_push_failed_is_left_alone")),
    ("CALLED_PORT_MIN",                   Test(CONNECT_BACK, "ports_of_other_services_are_not_called")),
    ("CONGESTED_MS",                      Test(QUEUES, "a_neighbour_that_stays_congested_has_to_go")),
    ("CONNECT_BACKS_MAX",                 Test(CONNECT_BACK, "so_many_are_called_back_in_a_minute_and_no_more")),
    ("CONNECT_BACK_EVERY_MS",             Test(CONNECT_BACK, "an_asker_is_called_back_itself_and_seldom")),
    ("CRAWLERS_MAX",                      Test(CONNECT_BACK, "a_crawler_is_answered_seldom")),
    ("CRAWLER_EVERY_MS",                  Test(CONNECT_BACK, "a_crawler_is_answered_seldom")),
    ("PING_WAIT_MS",                      Test(QUEUES, "what_has_waited_for_too_long_is_not_sent")),
    ("PUSH_PROXIES_MAX",                  Test(PUSH_PROXY, "as_many_are_asked_as_the_limit_allows_and_nobody_twice")),
    ("PUSH_PROXY_ANSWER_EVERY_MS",        Test(PUSH_PROXY, "a_leaf_that_asks_again_is_answered_again_but_not_at_once")),
    ("PUSH_PROXY_WAIT_MS",                Test(PUSH_PROXY, "who_does_not_answer_is_asked_again_or_makes_room_for_others")),
    ("QUERY_WAIT_MS",                     Test(QUEUES, "what_has_waited_for_too_long_is_not_sent")),
    ("REACH_ANSWER_MS",                   Test(CONNECT_BACK, "when_nobody_comes_through_we_count_as_unreachable_and_try_again_less_and_less_often")),
    ("REACH_HELPERS",                     Test(CONNECT_BACK, "a_few_are_asked_at_a_time_for_a_connection_and_for_a_ping")),
    ("REACH_PROVEN_MS",                   Test(CONNECT_BACK, "proof_holds_for_a_while_and_is_then_sought_anew")),
    ("REACH_RETRY_MS",                    Test(CONNECT_BACK, "when_nobody_comes_through_we_count_as_unreachable_and_try_again_less_and_less_often")),
    ("REACH_RETRY_MS_MAX",                Test(CONNECT_BACK, "when_nobody_comes_through_we_count_as_unreachable_and_try_again_less_and_less_often")),
    ("REACH_ROUNDS",                      Test(CONNECT_BACK, "when_nobody_comes_through_we_count_as_unreachable_and_try_again_less_and_less_often")),
    ("COPIED_PAYLOAD_LEN_MAX",            Test("tests/node/relaying.rs", "small_messages_that_wait_do_not_hold_what_they_came_in")),
    ("FORWARDED_BURST",                   Test(ROUTER_PASSING_ON, "so_many_queries_of_an_ultrapeer_go_on_at_once_and_not_one_more")),
    ("FORWARDED_EVERY_MS",                Test(ROUTER_PASSING_ON, "so_many_queries_of_an_ultrapeer_go_on_at_once_and_not_one_more")),
    ("FORWARDED_SHARE_BURST",             Test(ROUTER_PASSING_ON, "each_ultrapeer_has_a_share_of_what_goes_on_and_not_one_more")),
    ("FORWARDED_SHARE_EVERY_MS",          Test(ROUTER_PASSING_ON, "each_ultrapeer_has_a_share_of_what_goes_on_and_not_one_more")),
    ("SEARCH_GUIDS_MAX",                  Test("src/gnutella/servent/own_searches/tests.rs", "a_search_has_so_many_guids_and_not_one_more")),
    ("FAR_QUERIES_MAX",                   Test(ROUTER_TTL, "many_queries_that_reach_too_far_end_a_connection")),
    ("FAR_QUERY_HOPS_MAX",                Test(ROUTER_TTL, "many_queries_that_reach_too_far_end_a_connection")),
    ("PUSH_WAYS_MAX",                     Test(ROUTES, "a_false_claim_takes_no_push_away")),
    ("REPEATS_MAX",                       Test(ROUTES, "five_repetitions_are_borne_and_the_sixth_is_not")),
    ("REPEATS_PER_MILLE_MAX",             Test(ROUTES, "fifteen_repetitions_in_a_thousand_are_borne")),
    ("ROUTES_OF_LEAF_MAX",                Test(ROUTER_QUOTAS, "a_leaf_has_as_many_routes_as_its_quota")),
    ("ROUTES_OF_ULTRAPEER_MAX",           Test(ROUTER_QUOTAS, "an_ultrapeer_has_as_many_routes_as_its_quota")),
    ("ROUTES_ORPHANED_MAX",               Test(ROUTER_QUOTAS, "as_many_messages_of_the_gone_are_known_as_the_limit_allows")),
    ("ROUTES_OWN_MAX",                    Test(ROUTER_QUOTAS, "we_have_as_many_routes_as_our_quota")),
    ("ROUTES_TIDY_MS",                    Test(ROUTER_QUOTAS, "what_has_outlived_its_time_goes_with_the_next_tidying")),
    ("ROUTE_LIFE_SECONDS",                Test(ROUTES, "a_message_is_remembered_for_its_life_and_not_a_second_longer")),
    ("SERVENTS_OF_LEAF_MAX",              Test(ROUTER_QUOTAS, "neighbours_speak_for_as_many_servents_as_their_quotas")),
    ("SERVENTS_OF_ULTRAPEER_MAX",         Test(ROUTER_QUOTAS, "neighbours_speak_for_as_many_servents_as_their_quotas")),
    ("SERVENT_LIFE_SECONDS",              Test(ROUTES, "a_way_to_a_servent_lives_from_its_last_hit")),
    ("SERVENT_WAYS_MAX",                  Test(ROUTES, "a_servent_has_as_many_ways_as_the_limit_allows")),
    ("TTL_HARD_MAX",                      Test(ROUTER_TTL, "a_query_beyond_the_hard_limit_is_as_if_it_had_never_come")),
    ("TTL_MAX",                           Test(ROUTER_TTL, "a_query_crosses_as_many_links_as_the_limits_allow")),
    ("TTL_OWN_MAX",                       Test(ROUTER_TTL, "a_query_crosses_as_many_links_as_the_limits_allow")),
    ("SEND_QUEUES_LEN_MAX",               Test(QUEUES, "all_neighbours_together_have_a_limit_and_each_has_a_little_however_many_are_slow")),
    ("SEND_QUEUE_CONTROL_LEN_MAX",        Test(QUEUES, "what_must_not_be_dropped_ends_the_link_when_it_has_no_room")),
    ("SEND_QUEUE_LEN_MAX",                Test(QUEUES, "as_much_waits_for_a_neighbour_as_the_limit_allows")),
    ("SEND_QUEUE_LEN_MIN",                Test(QUEUES, "all_neighbours_together_have_a_limit_and_each_has_a_little_however_many_are_slow")),
    ("SEND_QUEUE_SHARED_LEN_MAX",         Test(QUEUES, "what_waits_long_holds_no_memory_but_its_own")),
    ("SEND_QUEUE_TABLE_LEN_MAX",          Test(QUEUES, "what_must_not_be_dropped_ends_the_link_when_it_has_no_room")),
    ("WORK_BURST_MIN",                    Test(FAIRNESS, "a_small_share_still_lets_a_few_queries_through_at_once")),
    ("WORK_DEBT_MAX",                     Test(FAIRNESS, "tables_are_taken_on_credit_and_credit_has_an_end")),
    ("DYNAMIC_TTL_MAX",                   Test(STEPS, "no_neighbour_gets_more_than_its_maximum_and_nobody_more_than_four")),
    ("HASH_RESULTS_WANTED",               Test(ENDS, "a_query_ends_with_the_last_result_wanted_and_not_before")),
    ("HIT_COUNTERS_MAX",                  Test(HITS, "accounts_are_bounded_and_each_neighbour_has_half_of_what_others_leave")),
    ("HIT_COUNTERS_TIDY_MS",              Test(HITS, "old_accounts_are_looked_for_now_and_then")),
    ("HIT_COUNTER_LIFE_MS",               Test(HITS, "an_account_lives_for_its_time_and_a_little")),
    ("HIT_NEIGHBOURS_MAX", Test(HITS, "so_many_neighbours_have_an_account_and_all_others_share_one")),
    ("HIT_NEIGHBOUR_LEN_MIN", Test(HITS, "each_neighbour_may_bring_a_little_whatever_others_have_brought")),
    ("HIT_NEIGHBOUR_RESULTS_MIN", Test(HITS, "each_neighbour_may_bring_a_little_whatever_others_have_brought")),
    ("HIT_QUERY_LEN_MAX",                 Test(HITS, "so_many_bytes_are_carried_for_a_query_and_no_more")),
    ("HIT_RESULTS_CONGESTED_MAX",         Test(HITS, "where_the_way_is_congested_only_queries_with_next_to_nothing_are_served")),
    ("HIT_RESULTS_FEW",                   Test(HITS, "hits_with_few_results_come_on_top")),
    ("HIT_RESULTS_FEW_MAX",               Test(HITS, "hits_with_few_results_come_on_top")),
    ("HIT_RESULTS_MAX",                   Test(HITS, "so_many_results_are_carried_for_a_query_and_no_more")),
    ("HOP_WAIT_MIN_MS",                   Test(ENDS, "what_is_rare_is_asked_for_faster_and_faster")),
    ("HOP_WAIT_MS",                       Test(ENDS, "the_wait_is_as_long_as_the_ttl")),
    ("HOP_WAIT_STEP_MS",                  Test(ENDS, "what_is_rare_is_asked_for_faster_and_faster")),
    ("HORIZON_MAX",                       Test(ENDS, "a_query_leads_to_the_horizon_and_not_one_host_further")),
    ("LEAF_RESULTS_WANTED",               Test(ENDS, "a_query_ends_with_the_last_result_wanted_and_not_before")),
    ("LEAF_SEARCHES_MAX",                 Test(SEARCHES, "a_leaf_has_a_few_queries_and_a_further_one_ends_its_oldest")),
    ("LEAF_ULTRAPEERS",                   Test(GUIDANCE, "a_leaf_that_has_enough_from_all_its_ultrapeers_ends_the_query")),
    ("LET_GO_MAX",                        Test("src/node/let_go.rs", "so_many_are_let_go_and_one_more_takes_the_place_of_the_first")),
    ("LEAVES_SEARCHES_MAX",               Test(SEARCHES, "when_all_places_are_taken_whoever_has_most_gives_way")),
    ("NEIGHBOUR_REACH_MAX",               Test(ENDS, "no_neighbour_leads_to_more_than_a_quarter_of_the_horizon")),
    ("NEIGHBOUR_RESULTS_DIVISOR", Test(ENDS, "one_of_several_neighbours_does_not_end_a_query")),
    ("OWN_HITS_LEN_MAX", Test(HITS, "what_is_for_ourselves_has_larger_limits_of_the_same_kind")),
    ("OWN_RESULTS_TOLD_MAX", Test(HITS, "what_is_for_ourselves_has_larger_limits_of_the_same_kind")),
    ("OWN_RESULTS_WANTED",                Test(ENDS, "a_query_ends_with_the_last_result_wanted_and_not_before")),
    ("OWN_SEARCHES_ENDED_MAX", Test("src/gnutella/servent/own_searches/tests.rs", "so_many_that_have_ended_are_kept_and_not_one_more")),
    ("OWN_SEARCHES_MAX",                  Test(SEARCHES, "this_node_has_some_queries_and_a_further_one_ends_its_oldest")),
    ("PROBES_MAX",                        Test(STEPS, "three_neighbours_with_the_words_are_probed_and_then_one_more_is_asked_at_a_time")),
    ("RARE_HORIZON",                      Test(ENDS, "the_wait_shrinks_past_3000_ultrapeers_and_below_ten_results")),
    ("RARE_RESULTS",                      Test(ENDS, "the_wait_shrinks_past_3000_ultrapeers_and_below_ten_results")),
    ("REPORT_AFTER_RESULTS",              Test("tests/dynamic_query/reports.rs", "a_leaf_tells_by_itself_after_each_fifteen_results_and_at_last_to_stop")),
    ("REQUERY_REMEMBERED_MAX",            Test(HITS, "a_leaf_that_asks_much_makes_us_forget_what_it_asked_first")),
    ("REQUERIES_MAX",                     Test(HITS, "the_same_text_is_heard_so_often_in_1700_seconds_and_not_a_microsecond_earlier_again")),
    ("REQUERY_WAIT_MS",                   Test(HITS, "the_same_text_is_heard_so_often_in_1700_seconds_and_not_a_microsecond_earlier_again")),
    ("RETRIES_MAX", Test(ENDS, "who_is_congested_is_waited_for_three_times_and_not_once_more")),
    ("RETRY_WAIT_MS",                     Test(ENDS, "who_is_congested_is_looked_at_again_after_a_while")),
    ("SEARCH_LIFE_MS",                    Test(ENDS, "a_query_runs_for_its_time_and_not_a_microsecond_longer")),
    ("SEARCH_ROUTED_FACTOR_MAX",          Test(GUIDANCE, "a_leaf_that_keeps_nothing_gets_five_times_what_was_wanted")),
    ("STATUS_AFTER_RESULTS",              Test(GUIDANCE, "a_leaf_is_asked_after_three_messages_and_twenty_results")),
    ("STATUS_AFTER_SENT",                 Test(GUIDANCE, "a_leaf_is_asked_after_three_messages_and_twenty_results")),
    ("STATUS_MISSES_MAX",                 Test(GUIDANCE, "an_answer_is_waited_for_forty_seconds_and_but_twice")),
    ("STATUS_WAIT_MS",                    Test(GUIDANCE, "an_answer_is_waited_for_forty_seconds_and_but_twice")),
    ("ALIVE_LEAF_S",                      Test(PING_ALIVE, "a_silent_leaf_is_asked_after_two_minutes")),
    ("ALIVE_MISSES_MAX",                  Test(PING_ALIVE, "a_silent_ultrapeer_is_asked_three_times_and_given_up")),
    ("ALIVE_PONGS_TAKEN_MAX",             Test(PING_PONGS, "pongs_are_taken_in_answer_to_pings_only")),
    ("ALIVE_ULTRAPEER_S",                 Test(PING_ALIVE, "a_silent_ultrapeer_is_asked_three_times_and_given_up")),
    ("ALIVE_WAIT_AS_LEAF_S",              Test(PING_ALIVE, "a_leaf_hears_of_one_of_its_ultrapeers_every_quarter_of_a_minute")),
    ("ALIVE_WAIT_AS_ULTRAPEER_S",         Test(PING_ALIVE, "a_silent_ultrapeer_is_asked_three_times_and_given_up")),
    ("CRAWL_PONGS_MAX",                   Test(PING_ANSWERS, "a_crawler_is_told_of_so_many_neighbours_and_no_more")),
    ("DATAGRAM_ASKERS_MAX",               Test(PING_DATAGRAMS, "so_many_addresses_are_answered_in_a_minute_and_no_more")),
    ("DATAGRAM_PINGS_MAX",                Test(PING_DATAGRAMS, "pings_of_ours_are_remembered_up_to_a_limit")),
    ("DATAGRAM_PING_INTERVAL_MS",         Test(PING_DATAGRAMS, "an_address_is_answered_once_a_minute_whatever_its_port")),
    ("DATAGRAM_PING_TIMEOUT_MS",          Test(PING_DATAGRAMS, "a_pong_counts_where_it_was_asked_for")),
    ("DATAGRAM_PONG_RATIO_MAX",           Test(PING_DATAGRAMS, "answers_stay_small")),
    ("CALLBACK_FAILURES_EVERY_MS",         Test(PUSH_PROXY, "a_host_where_pushes_fail_often_is_left_alone_for_long")),
    ("CALLBACK_FAILURES_MAX",              Test(PUSH_PROXY, "a_host_where_pushes_fail_often_is_left_alone_for_long")),
    ("CLAIMS_MAX",                         Test(OUT_OF_BAND, "so_many_hosts_are_asked_and_no_more")),
    ("CLAIMS_OF_SEARCH_MAX",               Test(OUT_OF_BAND, "so_many_hosts_are_asked_and_no_more")),
    ("CLAIM_LIFE_MS",                      Test(OUT_OF_BAND, "hits_are_taken_for_so_long")),
    ("CLAIM_RESULTS_MAX",                  Test(OUT_OF_BAND, "no_host_is_asked_for_more_results_than_the_limit")),
    ("DATAGRAM_DEBT_LIFE_MS",              Test("src/gnutella/pinging/debts.rs", "a_debt_is_forgotten_after_a_while_without_pings")),
    ("DATAGRAM_DEBT_MAX",                  Test("src/gnutella/pinging/debts.rs", "a_network_may_owe_so_much_and_not_a_byte_more")),
    ("DATAGRAM_HIT_PASSED_LEN_MAX",        Test("tests/node/udp/guess.rs", "hits_of_a_leaf_that_fit_a_datagram_are_passed_on")),
    ("DATAGRAM_PUSHES_MAX",                Test(PUSH_PROXY, "so_many_pushes_in_datagrams_are_passed_on_in_all")),
    ("DATAGRAM_PUSHES_OF_HOST_MAX",        Test(PUSH_PROXY, "few_pushes_in_datagrams_send_leaves_to_one_host")),
    ("DATAGRAM_PUSHES_SAME_MAX",           Test(PUSH_PROXY, "few_pushes_in_datagrams_send_leaves_to_one_host")),
    ("DATAGRAM_PUSH_EVERY_MS",             Test(PUSH_PROXY, "few_pushes_in_datagrams_send_leaves_to_one_host")),
    ("DELIVERIES_HOSTS_MAX",               Test(OUT_OF_BAND, "so_many_hosts_get_hits_and_no_more")),
    ("DELIVERIES_OF_HOST_MAX",             Test(OUT_OF_BAND, "so_many_messages_wait_for_a_host_and_no_more")),
    ("DELIVERY_EVERY_MS",                  Test(OUT_OF_BAND, "a_host_gets_one_message_after_the_other")),
    ("DELIVERY_JITTER_MS",                 Test(OUT_OF_BAND, "a_host_gets_one_message_after_the_other")),
    ("DELIVERY_LIFE_MS",                   Test(OUT_OF_BAND, "what_has_waited_for_too_long_is_not_sent")),
    ("GUESS_HITS_MAX",                     Test(GUESS, "hits_of_leaves_find_their_way_for_so_long_and_so_often")),
    ("GUESS_QUERIES_EVERY_MS",             Test(GUESS, "so_many_queries_of_a_host_are_worked_on_and_no_more")),
    ("GUESS_QUERIES_MAX",                  Test(GUESS, "so_many_queries_are_worked_on_in_all_and_no_more")),
    ("GUESS_QUERIES_OF_HOST_MAX",          Test(GUESS, "so_many_queries_of_a_host_are_worked_on_and_no_more")),
    ("GUESS_ROUTES_MAX",                   Test(GUESS, "so_many_ways_are_known_and_no_more")),
    ("GUESS_ROUTE_LIFE_MS",                Test(GUESS, "hits_of_leaves_find_their_way_for_so_long_and_so_often")),
    ("HIT_DATAGRAM_LEN_MAX",               Test("tests/node/udp/out_of_band.rs", "hits_by_datagram_fit_packets")),
    ("HIT_TOKEN_LIFE_MS",                  Test(OUT_OF_BAND, "hits_are_taken_for_so_long")),
    ("INDICATIONS_MAX",                    Test(OUT_OF_BAND, "what_is_remembered_of_silent_hosts_has_an_end")),
    ("OFFERS_MAX",                         Test(OUT_OF_BAND, "so_many_hits_wait_in_all_and_no_more")),
    ("OFFERS_OF_HOST_MAX",                 Test(OUT_OF_BAND, "so_many_hits_of_one_host_wait_and_no_more")),
    ("OFFER_LIFE_MS",                      Test(OUT_OF_BAND, "hits_wait_to_be_claimed_for_so_long")),
    ("PROOFS_MAX",                         Test("tests/helping/proofs.rs", "so_many_proofs_are_remembered_and_no_more")),
    ("PROOF_LIFE_MS",                      Test("tests/helping/proofs.rs", "a_proof_counts_for_so_long")),
    ("PROOF_PINGS_MAX",                    Test("tests/helping/proofs.rs", "so_many_hosts_are_pinged_for_proof_and_no_more")),
    ("PROOF_PING_EVERY_MS",                Test("tests/helping/proofs.rs", "a_host_is_pinged_for_proof_once_in_so_long")),
    ("QUERY_KEY_LIFE_MS",                  Test(GUESS, "a_key_holds_while_the_next_one_is_given_out_and_not_after")),
    ("UNCLAIMED_BAN_MS",                   Test(OUT_OF_BAND, "a_host_that_never_claims_is_left_alone_for_a_while")),
    ("UNCLAIMED_EVERY_MS",                 Test(OUT_OF_BAND, "a_host_that_never_claims_is_left_alone_for_a_while")),
    ("UNCLAIMED_MAX",                      Test(OUT_OF_BAND, "a_host_that_never_claims_is_left_alone_for_a_while")),
    ("PING_INTERVAL_LEAF_MS",             Test(PING_ANSWERS, "ordinary_pings_are_answered_seldom_and_alive_ones_always")),
    ("PING_INTERVAL_ULTRAPEER_MS",        Test(PING_ANSWERS, "ordinary_pings_are_answered_seldom_and_alive_ones_always")),
    ("PONGS_CACHED_MAX",                  Test(PING_ANSWERS, "the_pongs_of_all_are_kept_up_to_a_limit_and_who_has_most_loses_one")),
    ("PONGS_MAX",                         Test(PING_ANSWERS, "other_pings_are_answered_with_ten_pongs_of_others")),
    ("PONGS_OF_LINK_MAX",                 Test(PING_ANSWERS, "the_pongs_of_one_neighbour_are_kept_up_to_a_limit")),
    ("PONGS_TAKEN_MAX",                   Test(PING_PONGS, "pongs_are_taken_in_answer_to_pings_only")),
    ("PONG_CACHED_LEN_MAX",               Test(PING_ANSWERS, "long_pongs_are_used_and_not_passed_on")),
    ("PONG_FILES_MAX",                    Test(PING_PONGS, "counts_in_the_wrong_order_are_mended")),
    ("PONG_HOSTS_MAX",                    Test(PING_DATAGRAMS, "a_ping_that_asks_for_hosts_is_told_some")),
    ("PONG_HOSTS_TAKEN_MAX",              Test(PING_PONGS, "hosts_that_a_pong_names_are_taken_up_to_a_limit")),
    ("PONG_LIFE_MS",                      Test(PING_ANSWERS, "old_pongs_are_not_told")),
    ("REFILL_BROADCASTING_MS",            Test(PING_PONGS, "a_neighbour_that_broadcasts_pings_is_spared")),
    ("REFILL_JITTER_MS",                  Test(PING_PONGS, "an_ultrapeer_asks_three_others_every_few_seconds")),
    ("REFILL_LEAF_MS",                    Test(PING_PONGS, "a_leaf_asks_one_neighbour_every_two_minutes")),
    ("REFILL_NEIGHBOURS_MIN",             Test(PING_PONGS, "of_many_neighbours_one_in_ten_is_asked")),
    ("REFILL_SHARE",                      Test(PING_PONGS, "of_many_neighbours_one_in_ten_is_asked")),
    ("REFILL_ULTRAPEER_MS",               Test(PING_PONGS, "an_ultrapeer_asks_three_others_every_few_seconds")),
    ("ADMIT_NETWORK_TIMES", Test(BANS, "many_addresses_of_one_network_are_one_haste")),
    ("ADMIT_PERIOD_S", Test(BANS, "whoever_connects_every_half_minute_is_welcome")),
    ("ADMIT_TIMES", Test(BANS, "the_third_connection_in_a_minute_is_turned_away")),
    ("BANNED_OF_NETWORK", Test(BANS, "a_network_with_several_banned_addresses_is_banned")),
    ("BAN_AT_POINTS", Test(BANS, "slips_are_forgiven_and_many_are_not")),
    ("BAN_BLAME_S", Test(BANS, "a_ban_ends_and_the_next_one_is_longer")),
    ("BAN_HASTE_MAX_S", Test(BANS, "haste_is_punished_for_longer_each_time_up_to_an_hour")),
    ("BAN_HASTE_S", Test(BANS, "the_third_connection_in_a_minute_is_turned_away")),
    ("BAN_MAX_S", Test(BANS, "a_ban_ends_and_the_next_one_is_longer")),
    ("BAN_MEMORY_S", Test(BANS, "a_ban_is_remembered_for_its_time_and_not_a_second_longer")),
    ("BAN_RECORDS_MAX", Test(BANS, "what_is_watched_is_bounded_and_the_worst_are_remembered")),
    ("BREACH_POINTS", Test(BANS, "two_breaches_in_a_while_are_a_ban")),
    ("FILE_CALLS_AN_ATTEMPT", Test(BANS, "connections_for_files_count_for_little")),
    ("POINT_LIFE_S", Test(BANS, "two_breaches_in_a_while_are_a_ban")),
    ("SLIP_POINTS", Test(BANS, "slips_are_forgiven_and_many_are_not")),
    ("HOSTS_MAX", Test(SHARES, "a_cache_grows_to_its_limit")),
    ("HOSTS_MET_PERCENT", Test(SHARES, "those_that_came_by_themselves_have_their_share")),
    ("HOSTS_OF_ADDRESS_MAX", Test(SHARES, "one_public_address_is_known_by_two_ports")),
    ("HOSTS_OF_HEAD_MAX", Test(HEARSAY, "ten_hosts_of_one_head_are_heard")),
    ("HOSTS_OF_NETWORK_MIN", Test(SHARES, "of_one_network_a_tenth_is_taken")),
    ("HOSTS_OF_NETWORK_PERCENT", Test(SHARES, "of_one_network_a_tenth_is_taken")),
    ("HOSTS_OF_SOURCE_MIN", Test(SHARES, "a_source_has_its_share")),
    ("HOSTS_OF_SOURCE_REPLACE_S", Test(SHARES, "a_source_with_its_share_displaces_its_own_and_seldom")),
    ("HOSTS_OF_SOURCE_SHARE", Test(SHARES, "a_source_has_its_share")),
    ("HOSTS_PROVEN_PERCENT", Test(SHARES, "proven_hosts_have_their_share_and_the_first_stay")),
    ("HOSTS_SHUNNED_MAX", Test(LEFT_ALONE, "so_many_are_shunned_and_the_next_to_be_free_goes_first")),
    ("HOST_FRESH_S", Test(HEARSAY, "fresh_ultrapeers_with_room_are_told_to_others")),
    ("HOST_HEARSAY_LIFE_S", Test(HEARSAY, "old_hosts_are_looked_for_now_and_then")),
    ("HOST_MET_LIFE_S", Test(HEARSAY, "hearsay_grows_old_and_proven_hosts_do_not")),
    ("HOST_PORTS_WRONG_MAX", Test("tests/node/host_cache/slander.rs", "after_three_wrong_ports_others_are_not_believed_about_an_address")),
    ("HOST_SWEEP_S", Test(HEARSAY, "old_hosts_are_looked_for_now_and_then")),
    ("CUT_OFF_AGAIN_S", Test(CUT_OFF, "who_is_cut_off_calls_a_host_again_soon_and_then_not_so_soon")),
    ("CUT_OFF_INTERVAL_S", Test(CUT_OFF, "who_is_cut_off_calls_a_host_again_soon_and_then_not_so_soon")),
    ("DIALS_CUT_OFF_MAX", Test(NODE, "who_is_cut_off_makes_more_calls_beside_those_that_hang_up_to_a_limit")),
    ("RIFT_AGAIN_MAX_MS", Test("src/node/rift/lost.rs", "the_last_one_is_called_twice_in_a_minute_and_then_less_often")),
    ("RIFT_AGAIN_MS", Test("src/node/rift/lost.rs", "the_last_one_is_called_twice_in_a_minute_and_then_less_often")),
    ("RIFT_CALL_MS", Test("src/node/rift/lost.rs", "those_who_fell_silent_are_called_one_by_one_and_all_once_one_is_reached")),
    ("RIFT_HOSTS_MAX", Test("src/node/rift/lost.rs", "so_many_are_looked_for_and_for_so_long")),
    ("RIFT_HOSTS_MIN", Test("src/node/rift/lost.rs", "a_fifth_of_the_neighbours_and_three_at_least_are_a_rift")),
    ("RIFT_LIFE_MS", Test("src/node/rift/lost.rs", "so_many_are_looked_for_and_for_so_long")),
    ("RIFT_SHARE", Test("src/node/rift/lost.rs", "a_fifth_of_the_neighbours_and_three_at_least_are_a_rift")),
    ("RIFT_SILENCE_MS", Test("src/node/rift/lost.rs", "a_fifth_of_the_neighbours_and_three_at_least_are_a_rift")),
    ("RIFT_TWO_CALLS_MS", Test("src/node/rift/lost.rs", "nobody_is_called_a_third_time_in_a_minute_however_near")),
    ("DIAL_HANGS_MS", Test(NODE, "who_is_cut_off_makes_more_calls_beside_those_that_hang_up_to_a_limit")),
    ("DIAL_BUSY_S", Test(LEFT_ALONE, "a_refusal_says_for_how_long_a_host_is_left_alone")),
    ("DIAL_CONTACT_S", Test(LEFT_ALONE, "who_fails_while_nobody_answers_is_not_given_up")),
    ("DIAL_DISLIKED_S", Test(LEFT_ALONE, "a_refusal_may_be_for_long")),
    ("DIAL_FAILURES_MAX", Test(LEFT_ALONE, "a_host_that_fails_is_given_up")),
    ("DIAL_FAILURES_PROVEN_MAX", Test(LEFT_ALONE, "a_host_that_fails_is_given_up")),
    ("DIAL_FOREIGN_S", Test(LEFT_ALONE, "a_refusal_may_be_for_long")),
    ("DIAL_INTERVAL_S", Test(CALLS, "nobody_is_called_twice_in_two_minutes")),
    ("DIAL_RETRY_MS", Test(NODE, "who_has_nobody_to_call_looks_again_after_a_while")),
    ("DIAL_UNKNOWN_CODE_S", Test(LEFT_ALONE, "a_refusal_says_for_how_long_a_host_is_left_alone")),
    ("DIAL_WAIT_MAX_S", Test(LEFT_ALONE, "no_host_is_left_alone_for_longer_than_the_limit_by_doubling")),
    ("DIALS_MAX", Test(NODE, "as_many_hosts_are_called_at_once_as_the_limit_allows")),
    ("GREETING_FROM_ADDRESS_MAX", Test(NODE, "one_address_has_a_few_handshakes_at_once_and_not_one_more")),
    ("PARTED_SOON_S", Test(LEFT_ALONE, "who_takes_us_in_to_send_us_away_is_left_alone_for_a_while")),
    ("REVIEW_MS", Test(NODE, "neighbours_are_looked_at_again_after_a_while")),
    ("TOLD_OF_NETWORK_MAX", Test(HEARSAY, "of_one_network_two_are_told")),
    ("CAPACITY_WINDOWS", Test("tests/promotion/capacity.rs", "what_three_of_eight_windows_carried_is_proven")),
    ("NEED_FULL_MIN", Test(NEED, "a_few_words_do_not_count_and_what_was_met_counts_more")),
    ("NEED_ROOM_A_VOICE_MAX", Test(NEED, "there_must_be_room_for_all_leaves_twice_and_nobody_is_believed_to_have_more_than_some")),
    ("NEED_VOICES_A_TELLER_MAX", Test(NEED, "one_teller_fills_a_third_and_all_together_fill_what_there_is")),
    ("NEED_VOICES_MAX", Test(NEED, "one_teller_fills_a_third_and_all_together_fill_what_there_is")),
    ("NEED_WEIGHT_MIN", Test(NEED, "a_few_words_do_not_count_and_what_was_met_counts_more")),
    ("COME_AGAIN_MAX_MS", Test(SCARCITY, "a_leaf_that_comes_again_is_taken_beyond_the_slots")),
    ("COME_AGAIN_MIN_MS", Test(SCARCITY, "a_leaf_that_comes_again_is_taken_beyond_the_slots")),
    ("CONTENT_MS", Test(SCARCITY, "a_leaf_whom_nobody_had_room_for_is_content_with_one_supernode_for_a_while")),
    ("REBUFFS_MIN", Test(SCARCITY, "a_leaf_whom_nobody_had_room_for_is_content_with_one_supernode_for_a_while")),
    ("TURNED_AWAY_MAX", Test(SCARCITY, "so_many_that_were_turned_away_are_remembered")),
    ("TRIAL_EVERY_MS", Test("tests/promotion/slots.rs", "one_newcomer_is_tried_at_a_time_and_not_often")),
    ("FILE_SEARCH_LOOKS_MAX", Test("tests/index/files.rs", "a_search_takes_so_many_looks_and_nothing_more_is_taken_up")),
    ("FILE_SEARCH_WORDS_MAX", Test("tests/index/files.rs", "so_many_words_of_a_query_are_sought_and_not_one_more")),
    ("LEAF_FILES_MAX", Test(LEAF_INDEX, "a_leaf_may_announce_so_many_files_and_not_one_more")),
    ("LEAF_FILE_DETAILS_LEN_MAX", Test(LEAF_INDEX, "names_and_details_have_their_limits")),
    ("LEAF_FILE_NAME_LEN_MAX", Test(LEAF_INDEX, "names_and_details_have_their_limits")),
    ("LEAF_FILE_WORDS_MAX", Test(LEAF_INDEX, "a_file_is_found_by_so_many_words_and_not_by_one_more")),
    ("LEAF_INDEX_FILES_MAX", Test(LEAF_INDEX, "all_leaves_together_may_announce_so_many_files_and_not_one_more")),
    ("LEAF_INDEX_LOOKS_MAX", Test(LEAF_INDEX, "a_search_looks_at_so_many_files_and_not_at_one_more")),
    ("QUERY_TABLES_MAX", Test("tests/index/bit_tables.rs", "there_may_be_so_many_tables_and_not_one_more")),
    ("ALTERNATES_TAKEN_MAX", Test(HTTP_ALTERNATES, "so_many_locations_are_taken_and_told_and_not_one_more")),
    ("ALTERNATES_TOLD_MAX", Test(HTTP_ALTERNATES, "so_many_locations_are_taken_and_told_and_not_one_more")),
    ("PUSHED_ALTERNATES_TAKEN_MAX", Test(HTTP_ALTERNATES, "so_many_locations_are_taken_and_told_and_not_one_more")),
    ("PUSHED_ALTERNATES_TOLD_MAX", Test(HTTP_ALTERNATES, "so_many_locations_are_taken_and_told_and_not_one_more")),
    ("LOCATION_PROXIES_MAX", Test(HTTP_ALTERNATES, "so_many_push_proxies_are_taken_and_told_and_not_one_more")),
    ("LOCATION_PROXIES_TOLD_MAX", Test(HTTP_ALTERNATES, "so_many_push_proxies_are_taken_and_told_and_not_one_more")),
    ("AVAILABLE_RANGES_TAKEN_MAX", Test(HTTP_RANGES, "so_many_ranges_are_taken_and_told_and_the_longest_first")),
    ("AVAILABLE_RANGES_TOLD_MAX", Test(HTTP_RANGES, "so_many_ranges_are_taken_and_told_and_the_longest_first")),
    ("RANGES_LOOKED_AT_MAX", Test(HTTP_RANGES, "so_many_ranges_are_looked_at_and_not_one_more")),
    ("BROWSE_BODY_LEN_MAX", Test("tests/http/browse.rs", "a_list_is_read_up_to_its_end_and_not_one_byte_further")),
    ("CHUNK_LINE_LEN_MAX", Test("tests/http/bodies.rs", "damaged_chunks_end_a_response")),
    ("CONTENT_URNS_MAX", Test("tests/http/forms.rs", "a_content_has_names_in_two_headers")),
    ("DIME_RECORDS_MAX", Test("tests/http/trees.rs", "so_many_records_are_read_and_not_one_more")),
    ("FEATURE_NAME_LEN_MAX", Test("tests/http/forms.rs", "features_have_short_names_and_versions")),
    ("HEADER_TEXT_LEN_MAX", Test("src/gnutella/http/text.rs", "words_are_cut_at_their_limit")),
    ("QUEUE_ID_LEN_MAX", Test("tests/http/queueing.rs", "the_name_of_a_place_is_a_plain_word")),
    ("QUEUE_POLL_MAX_S", Test("tests/http/queueing.rs", "an_active_queue_gives_a_place_and_times")),
    ("QUEUE_POLL_MIN_S", Test("tests/http/queueing.rs", "an_active_queue_gives_a_place_and_times")),
    ("RETRY_AFTER_MAX_S", Test("tests/http/queueing.rs", "the_time_to_come_again_is_a_number_or_a_date_and_has_an_end")),
    ("SHARED_NAME_LEN_MAX", Test("tests/http/requests.rs", "files_are_asked_for_by_number_and_name")),
    ("THEX_BODY_LEN_MAX", Test("tests/http/trees.rs", "a_tree_is_read_up_to_its_limit_and_not_one_byte_further")),
    ("THEX_PATH_LEN_MAX", Test("tests/http/forms.rs", "a_tree_is_at_a_path_of_the_same_server")),
    ("TRANSFER_HEAD_LEN_MAX", Test("tests/http/requests.rs", "heads_and_lines_are_read_up_to_their_limits_and_not_one_byte_further")),
    ("TRANSFER_LINE_LEN_MAX", Test("tests/http/requests.rs", "heads_and_lines_are_read_up_to_their_limits_and_not_one_byte_further")),
    ("WORK_PER_SECOND", Test(FAIRNESS, "a_quiet_node_works_on_all_it_is_sent_up_to_its_limit")),
];

/// SIZE-19
#[test]
fn what_grows_a_hundredfold_is_taken_and_not_more() {
    let broken = Expect::new("SIZE-19", "x");
    let (exact, more) = (100..200).find_map(grows_a_hundredfold).expect("some noise does");
    assert!(exact.len() > INFLATE_FREE_LEN);
    for (plain, expected) in [(exact, None), (more, Some("SIZE-19"))] {
        let inflated = inflate(&deflate(&plain), usize::MAX / 2, broken, broken);
        assert_eq!(inflated.err().map(|fault| fault.rule.id()), expected);
    }
}

/// HIT-23
#[test]
fn xml_inflates_to_its_limit_and_no_further() {
    // Numbers, so that the ratio does not matter.
    let digits: String = (0..5_000).map(|number| format!("{number} ")).collect();
    let gzip = |plain: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    };
    for (form, compress) in
        [("{deflate}", &deflate as &dyn Fn(&[u8]) -> Vec<u8>), ("{gzip}", &gzip)]
    {
        for (len, expected) in
            [(XML_INFLATED_LEN_MAX, None), (XML_INFLATED_LEN_MAX + 1, Some("HIT-23"))]
        {
            let plain = &digits.as_bytes()[..len];
            let block = [form.as_bytes(), &compress(plain), b"\0"].concat();
            let text = Xml(&block).text();
            assert_eq!(text.as_ref().err().map(|fault| fault.rule.id()), expected, "{form}");
            assert!(text.map_or(true, |text| *text == *plain), "{form}");
        }
    }
}

#[test]
fn every_limit_that_is_used_is_in_the_list() {
    let limits: String = rust_files(&path("src/base/limits"))
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let names =
        limits.lines().filter_map(|line| line.strip_prefix("pub const ")?.split(':').next());
    let files = ROOMS.iter().flat_map(|room| rust_files(&path(room)));
    let sources: Vec<String> = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mentions =
        |source: &String, name: &str| source.split(|c| !is_word(c)).any(|word| word == name);
    let used = names.filter(|name| sources.iter().any(|source| mentions(source, name)));
    // The taxonomy of errors is not in that folder, but every decoder fills one.
    let used: BTreeSet<_> = used.chain(["FAULTS_MAX"]).collect();
    let shown: BTreeSet<_> = SHOWN.iter().map(|(name, _)| *name).collect();
    assert_eq!(used.difference(&shown).collect::<Vec<_>>(), [&""; 0], "used, and not in the list");
    assert_eq!(shown.difference(&used).collect::<Vec<_>>(), [&""; 0], "in the list, and not used");
}

#[test]
fn the_vectors_that_show_a_limit_lie_on_both_sides_of_it() {
    let vectors: BTreeMap<String, Vector> =
        vectors::all().into_iter().map(|vector| (vector.entry.id.clone(), vector)).collect();
    let find =
        |id: &str| &vectors.get(id).unwrap_or_else(|| panic!("no vector is called {id}")).entry;
    for (name, shown) in SHOWN {
        let Vectors(at, past) = shown else { continue };
        let (at, past) = (find(at), find(past));
        let broken = past.error.iter().chain(&past.faults).collect::<Vec<_>>();
        assert!(!broken.is_empty(), "{name}: {} breaks nothing", past.id);
        let also_before = at.error.iter().chain(&at.faults).any(|rule| broken.contains(&rule));
        assert!(!also_before, "{name}: {} breaks what {} breaks", at.id, past.id);
    }
}

#[test]
fn the_tests_that_show_a_limit_are_there() {
    for (name, shown) in SHOWN {
        if let Test(file, function) = shown {
            let source =
                fs::read_to_string(path(file)).unwrap_or_else(|_| panic!("{file} is gone"));
            let source = source.replace("#[tokio::test]", "#[test]").replace("async fn", "fn");
            let after_attributes = source.split("#[test]").skip(1).map(str::trim_start);
            let found =
                after_attributes.filter(|test| test.starts_with(&format!("fn {function}(")));
            assert_eq!(found.count(), 1, "{name}: {file} has no test {function}");
        }
    }
}

/// So much noise, and as many zeros behind it as make it grow exactly a hundredfold; then the same
/// with one zero more, if that costs nothing.
fn grows_a_hundredfold(noise_len: u32) -> Option<(Vec<u8>, Vec<u8>)> {
    let noise = (0..noise_len).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]);
    let mut plain: Vec<u8> = noise.collect();
    for _ in 0..5 {
        plain.resize(deflate(&plain).len() * INFLATE_RATIO_MAX, 0);
    }
    let more = [&plain[..], b"\0"].concat();
    let is_exact = |plain: &[u8], len| deflate(plain).len() * INFLATE_RATIO_MAX == len;
    (is_exact(&plain, plain.len()) && is_exact(&more, plain.len())).then_some((plain, more))
}

fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn path(inside: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(inside)
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] }).collect()
}
