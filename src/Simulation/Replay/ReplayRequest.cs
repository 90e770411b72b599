namespace Admission.Simulator;

/// <summary>One request on its way through a replay.</summary>
internal sealed class ReplayRequest(in OfferedRequest offered, int frontend) : WaitingRequest
{
    public OfferedRequest Offered { get; } = offered;

    public int Frontend { get; } = frontend;

    public RequestState State { get; set; } = RequestState.Waiting;

    public Permit Permit { get; set; }

    /// <summary>When its work began, in ticks.</summary>
    public long BeganAt { get; set; }

    public bool TimesOut { get; set; }

    /// <summary>The workers that a <see cref="WorkersServer"/> has given it; 0 while it waits for them.</summary>
    public int Workers { get; set; }

    public override void Decided(in PoolResult result)
    {
        // The frontend takes the decisions from the pool's effects, in their order.
    }
}

/// <summary>Where a request stands.</summary>
internal enum RequestState
{
    None = 0,
    Waiting,
    Running,

    /// <summary>It runs for nobody: its client has left.</summary>
    RunningForNobody,
    Ended,
}
