namespace Admission.Capacity.Tests;

/// <summary>What became of a request, and the name that its client was told.</summary>
internal readonly record struct Asked(PoolResult Result, TicketId Ticket)
{
    public Refusal? Refusal => Result.Refusal;
}

internal static class AskExtensions
{
    /// <summary>Asks as a gateway does: what is refused is named.</summary>
    public static Asked Ask(this MiniCluster cluster, string holder, AdmissionRequest request = default) => Ask(cluster, holder, new TestWaiter(), request);

    /// <summary>The same, with a waiter to wait with.</summary>
    public static Asked Ask(this MiniCluster cluster, string holder, TestWaiter waiter, AdmissionRequest request = default)
    {
        var result = cluster.Acquire(holder, waiter, request);
        var atOnce = result.Answer == PoolAnswer.Refused && waiter.Ticket == 0;
        return new Asked(result, atOnce ? cluster.Pool(holder).Name(request, result.Refusal!) : waiter.Name);
    }

    /// <summary>The decision that a waiter has got.</summary>
    public static Asked Decided(this TestWaiter waiter) => new(waiter.Result!.Value, waiter.Name);
}
