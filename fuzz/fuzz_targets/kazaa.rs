#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| filbert::fuzzing::run("kazaa", input));
