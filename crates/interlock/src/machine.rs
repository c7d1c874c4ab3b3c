//! What the machine has, as Linux tells it; elsewhere nothing is known.

/// Total and available memory in bytes.
pub fn memory() -> Option<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let figure = |name: &str| -> Option<u64> {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()?.checked_mul(1024)
    };
    Some((figure("MemTotal:")?, figure("MemAvailable:")?))
}

/// The limit of a container in bytes, cgroup version 2, then 1.
pub fn memory_limit() -> Option<u64> {
    let files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    files.iter().find_map(|file| std::fs::read_to_string(file).ok()?.trim().parse().ok())
}

/// Memory that may be taken, in bytes.
pub fn available_memory() -> Option<u64> {
    let available = memory().map(|(_, available)| available);
    available.into_iter().chain(memory_limit()).min()
}
