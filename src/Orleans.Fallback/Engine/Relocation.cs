using Orleans.Fallback.Membership;

namespace Orleans.Fallback.Engine;

/// <summary>Ends this silo's activations of grains whose place is on another silo, some time after the view has changed.</summary>
/// <remarks>
/// Who takes a grain over asks the others once. A silo that it did not reach then, or that activated the grain at the same time by an older
/// view, would keep a second activation for as long as that is used. The new owner's own question mostly comes first, so that a grain is
/// handed over when it is needed; this is for what is left. The collection of idle grains looks again.
/// </remarks>
internal sealed class Relocation : IDisposable
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);

    private readonly ITimer _timer;

    public Relocation(IClusterMembership membership, Catalog catalog, TimeProvider time)
    {
        _timer = time.CreateTimer(_ => catalog.MoveAway(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        membership.OnChange(_ => _timer.Change(Settle, Timeout.InfiniteTimeSpan));
    }

    public void Dispose() => _timer.Dispose();
}
