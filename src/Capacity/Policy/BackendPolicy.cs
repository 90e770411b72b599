namespace Admission.Capacity;

/// <summary>A backend's settings. <see cref="BackendPolicyRules"/> says what is wrong with one.</summary>
[GenerateSerializer, Immutable, Alias("Admission.BackendPolicy")]
public sealed record BackendPolicy
{
    /// <summary>
    /// Permits for the whole backend. 0 to 1,000,000; 0 pauses it. Null (the default) means the sum of the destinations' limits,
    /// so either this or <see cref="Destinations"/> must be given; where both are, both hold.
    /// </summary>
    [Id(0)] public int? Limit { get; init; }

    /// <summary>
    /// The destinations' own limits. Empty (the default): destinations are not told apart, and grants name none.
    /// Otherwise a destination that is not listed gets no grants and drains. At most 1,000, each named once.
    /// </summary>
    [Id(1)] public DestinationLimit[] Destinations { get; init; } = [];

    /// <summary>What a request meets when the backend is full. Default: <see cref="Overflow.Refuse"/>.</summary>
    [Id(2)] public Overflow Overflow { get; init; } = Overflow.Refuse;

    /// <summary>With <see cref="Overflow.Wait"/>: tickets that may wait, over the whole cluster. 1 to 100,000; default 100. Not used with refuse.</summary>
    [Id(3)] public int QueueCapacity { get; init; } = 100;

    /// <summary>With <see cref="Overflow.Wait"/>: how long a request may wait. 1 ms to 1 hour; default 10 s.</summary>
    [Id(4)] public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The life of a lease, renewed by every exchange. 1 s to 5 minutes; default 10 s. A crashed holder's permits stay booked so long.</summary>
    [Id(5)] public TimeSpan LeaseTtl { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest that a request may run in the backend, enforced by the gateway (504). 10 ms to 24 hours; default 60 s.
    /// The backend's own time-out should match, because a hung gateway enforces nothing.
    /// </summary>
    [Id(6)] public TimeSpan RunTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long after its lease a lost holder's permits stay booked, because the work it started may still run.
    /// 0 to 24 hours; null (the default) means <see cref="RunTimeout"/>. Zero prefers availability and accepts overshoot.
    /// </summary>
    [Id(7)] public TimeSpan? Quarantine { get; init; }

    /// <summary>
    /// The backend stops work whose connection has closed, so the permit of a request abandoned by its client is free at once.
    /// Default false: the gateway reads the response to its end before it releases the permit.
    /// </summary>
    [Id(8)] public bool StopsWhenAbandoned { get; init; }

    /// <summary>What becomes of requests in flight when their holder's lease has run out. Default: <see cref="OnLeaseLost.Cancel"/>.</summary>
    [Id(9)] public OnLeaseLost OnLeaseLost { get; init; } = OnLeaseLost.Cancel;

    /// <summary>Who goes first in the queue, and how much is whose. Null (the default): by priority, tenants alike and without caps.</summary>
    [Id(20)] public QueueOrder? Order { get; init; }

    /// <summary>
    /// With <see cref="Overflow.Wait"/>: whether the ledger lets requests wait although clients have shown that they leave before they would be answered. Default false:
    /// it learns how long clients stay, and refuses at once whoever would be served too late.
    /// </summary>
    [Id(30)] public bool IgnoresPatience { get; init; }

    /// <summary>With <see cref="Overflow.Wait"/>: what becomes of a queue that stays long. Default: <see cref="QueueDiscipline.Fifo"/>, which None means too.</summary>
    [Id(31)] public QueueDiscipline Discipline { get; init; } = QueueDiscipline.Fifo;

    /// <summary>With <see cref="QueueDiscipline.CoDel"/>: the wait that a queue may have for ever. 1 ms to 1 hour; default 5 ms.</summary>
    [Id(32)] public TimeSpan DelayTarget { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// With <see cref="QueueDiscipline.CoDel"/>: how long its wait may be longer; at least <see cref="DelayTarget"/>. With <see cref="QueueDiscipline.AdaptiveLifo"/>:
    /// for how long it may be in use before the newest goes first. 1 ms to 1 hour; default 100 ms.
    /// </summary>
    [Id(33)] public TimeSpan DelayInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether it matters how long clients stay: there is a queue, and <see cref="IgnoresPatience"/> is not set.</summary>
    public bool LearnsPatience => Overflow == Overflow.Wait && !IgnoresPatience;

    /// <summary>
    /// The limit finds itself between <see cref="AdaptiveLimit.Min"/> and <see cref="TotalLimit"/>; null (the default): <see cref="TotalLimit"/> is the limit.
    /// A ledger that does not know this setting yet holds <see cref="TotalLimit"/>.
    /// </summary>
    [Id(35)] public AdaptiveLimit? Adaptive { get; init; }

    /// <summary>When a destination that fails is withheld from the whole cluster.</summary>
    [Id(40)] public EjectionPolicy Ejection { get; init; } = new();

    /// <summary>
    /// How long a destination that comes back needs to its full share. 0 (at once) to 1 hour; null (the default) means 10 s where the policy gives limits to several
    /// destinations, which serve the rest meanwhile, and 0 where there is only one.
    /// </summary>
    [Id(41)] public TimeSpan? SlowStart { get; init; }

    /// <summary>A wait of so long, or longer, is recorded with what stood before it, and its answer names its ticket. 0 (every wait) to 1 hour; default 1 s.</summary>
    [Id(50)] public TimeSpan ExplainWaitsOver { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary><see cref="SlowStart"/> with its default resolved.</summary>
    public TimeSpan EffectiveSlowStart => SlowStart ?? (HasOneDestination ? TimeSpan.Zero : TimeSpan.FromSeconds(10));

    /// <summary>No destination could serve what another one fails to.</summary>
    public bool HasOneDestination
    {
        get
        {
            var count = 0;
            foreach (var destination in Destinations)
            {
                count += destination.Limit > 0 ? 1 : 0;
            }

            return count <= 1;
        }
    }

    /// <summary>Tickets that may wait: <see cref="QueueCapacity"/> when the policy waits, else 0.</summary>
    public int Waiting => Overflow == Overflow.Wait ? QueueCapacity : 0;

    /// <summary><see cref="Quarantine"/> with its default resolved.</summary>
    public TimeSpan EffectiveQuarantine => Quarantine ?? RunTimeout;

    /// <summary>The most permits that one request can ever get: they must be free at one destination.</summary>
    public int LargestGrant
    {
        get
        {
            var largest = Destinations.Length == 0 ? int.MaxValue : 0;
            foreach (var destination in Destinations)
            {
                largest = Math.Max(largest, destination.Limit);
            }

            return Math.Min(largest, TotalLimit);
        }
    }

    /// <summary>Whether two policies say the same.</summary>
    /// <param name="other">The other policy.</param>
    public bool Matches(BackendPolicy? other) =>
        other is not null && Destinations.AsSpan().SequenceEqual(other.Destinations) && this with { Destinations = other.Destinations } == other;

    /// <summary>Permits there are in all: <see cref="Limit"/> and the sum of the destinations' limits, whichever is less.</summary>
    public int TotalLimit
    {
        get
        {
            if (Destinations.Length == 0)
            {
                return Limit ?? 0;
            }

            long sum = 0;
            foreach (var destination in Destinations)
            {
                sum += destination.Limit;
            }

            return (int)Math.Min(sum, Limit ?? int.MaxValue);
        }
    }
}

/// <summary>A destination's own share of the limit.</summary>
/// <param name="Destination">The destination's name; YARP's destination id for HTTP.</param>
/// <param name="Limit">Its permits; 0 to 1,000,000, where 0 drains it.</param>
[GenerateSerializer, Immutable, Alias("Admission.DestinationLimit")]
public readonly record struct DestinationLimit([property: Id(0)] string Destination, [property: Id(1)] int Limit);

/// <summary>What a request meets when the backend is full.</summary>
[GenerateSerializer, Alias("Admission.Overflow")]
public enum Overflow
{
    /// <summary>Never sent: a missing field fails loudly.</summary>
    None = 0,

    /// <summary>It is refused at once.</summary>
    Refuse = 1,

    /// <summary>It waits in the backend's queue.</summary>
    Wait = 2,
}

/// <summary>What becomes of requests in flight when their holder's lease has run out.</summary>
[GenerateSerializer, Alias("Admission.OnLeaseLost")]
public enum OnLeaseLost
{
    /// <summary>Never sent: a missing field fails loudly.</summary>
    None = 0,

    /// <summary>They are cancelled. The promise holds for every backend that stops cancelled work within the quarantine.</summary>
    Cancel = 1,

    /// <summary>They go on to their end, within <see cref="BackendPolicy.RunTimeout"/>.</summary>
    Continue = 2,
}

/// <summary>What becomes of a queue that stays long. Priorities go before in any case.</summary>
[GenerateSerializer, Alias("Admission.QueueDiscipline")]
public enum QueueDiscipline
{
    /// <summary>Not said, by an earlier version: as <see cref="Fifo"/>.</summary>
    None = 0,

    /// <summary>Nothing: first come, first served.</summary>
    Fifo = 1,

    /// <summary>Controlled delay: tickets are refused at its head until it is short again.</summary>
    CoDel = 2,

    /// <summary>Once it has been in use for a while, the newest goes first, until it has been empty.</summary>
    AdaptiveLifo = 3,
}
