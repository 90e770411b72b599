namespace Admission.EndToEnd.RealInput;

/// <summary>How a client gets its result.</summary>
internal enum Kind
{
    /// <summary>Its connection is held by heartbeats.</summary>
    Held,

    /// <summary>As server-sent events: its ticket, and the result.</summary>
    Events,

    /// <summary>As a job, which it asks for by long polls.</summary>
    Job,
}

/// <summary>A result as it came to a client.</summary>
/// <param name="Id">The request.</param>
/// <param name="Kind">How.</param>
/// <param name="Waited">Whether it was seen to wait: heartbeats, a ticket, or a 202.</param>
/// <param name="Time">When it was there; see <see cref="Clock"/>.</param>
internal sealed record SlowResult(string Id, Kind Kind, bool Waited, long Time);

/// <summary>How many clients call at once, how long a call takes, and how many workers there are.</summary>
/// <param name="Workers">gunicorn's sync workers, so the backend's limit.</param>
/// <param name="Clients">Clients, a third of each kind.</param>
/// <param name="Call">The slow external call.</param>
/// <param name="Hold">When the first heartbeat goes out, and how often one does.</param>
/// <param name="Bound">Until all must have their results.</param>
internal sealed record SlowCallSize(int Workers, int Clients, TimeSpan Call, TimeSpan Hold, TimeSpan Bound)
{
    /// <summary>Scaled down in time, for CI.</summary>
    public static SlowCallSize Short { get; } = new(16, 300, TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(60));

    /// <summary>The case as it was: with as many workers as memory allows here.</summary>
    public static SlowCallSize Full { get; } = new(250, 2000, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10));

    /// <summary>Until all have theirs if no worker is ever idle.</summary>
    public TimeSpan Ideal => Call * Math.Ceiling((double)Clients / Workers);
}
