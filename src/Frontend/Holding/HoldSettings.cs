namespace Admission.Frontend.Holding;

/// <summary>How a route's connections are kept alive: the backend's section <c>Hold</c>, with what the route says itself.</summary>
internal sealed record HoldSettings
{
    /// <summary>The shortest <see cref="Every"/>.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest <see cref="Every"/> and <see cref="After"/>.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>What holds where nothing is said: nothing is held.</summary>
    public static HoldSettings Default { get; } = new();

    /// <summary><c>Heartbeat</c>: connections are kept alive. Default false, <c>Off</c>.</summary>
    public bool Enabled { get; init; }

    /// <summary>How often a heartbeat goes out. 100 ms to 10 min; default 10 s.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>When the first one does: what is answered before has its own status and headers. 0 (at once) to 10 min; default 5 s.</summary>
    public TimeSpan After { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long such a request may wait, also longer than the backend's <c>Queue:MaxWait</c>. 1 ms to 24 h; null (the default) as others, which <see cref="Classification.RouteClassifier.Hold"/> has put in its place.</summary>
    public TimeSpan? MaxWait { get; init; }

    /// <summary>The format for clients whose <c>Accept</c> prefers none of the three; None (the default) to hold only those that do.</summary>
    public HoldFormat Format { get; init; }

    /// <summary>The largest answer that is taken in to be put into an event or a problem. 0 to 64 MiB; default 1 MiB.</summary>
    public long MaxResult { get; init; } = 1L << 20;
}

/// <summary>What a route says of itself; null where the backend's word holds.</summary>
/// <param name="Enabled"><c>Admission.Hold</c>.</param>
/// <param name="Every"><c>Admission.Hold.Every</c>.</param>
/// <param name="After"><c>Admission.Hold.After</c>.</param>
/// <param name="MaxWait"><c>Admission.Hold.MaxWait</c>.</param>
/// <param name="Format"><c>Admission.Hold.Format</c>.</param>
internal sealed record RouteHold(bool? Enabled = null, TimeSpan? Every = null, TimeSpan? After = null, TimeSpan? MaxWait = null, HoldFormat? Format = null)
{
    /// <summary>A route that says nothing.</summary>
    public static RouteHold Nothing { get; } = new();

    /// <summary>What holds for the route; null if its connections are not held.</summary>
    public HoldSettings? Over(HoldSettings backend) => !(Enabled ?? backend.Enabled) ? null : backend with
    {
        Enabled = true,
        Every = Every ?? backend.Every,
        After = After ?? backend.After,
        MaxWait = MaxWait ?? backend.MaxWait,
        Format = Format ?? backend.Format,
    };
}
