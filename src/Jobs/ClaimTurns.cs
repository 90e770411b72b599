namespace Admission.Jobs;

/// <summary>Whose jobs a gateway takes up next.</summary>
/// <param name="After">The tenant that had its turn last; null to begin with the first.</param>
/// <param name="Waiting">How many jobs of each tenant this gateway has taken up that wait for a permit; those in the backend do not count.</param>
/// <param name="Tenants">What the policy says of tenants.</param>
/// <remarks>
/// Each place goes to the tenant that has the fewest waiting for its weight, the next in turn among equals, and to none that has as many as it may (<see cref="JobTenants.MostWaitingOf"/>). So one whose
/// jobs wait long, for its cap or for its share, does not come to hold all places: what the ledger is to be fair about must stand in front of it. With 4 places, A with 3 waiting and B with none: B, B, B, A.
/// </remarks>
internal sealed record ClaimTurns(string? After, IReadOnlyDictionary<string, int> Waiting, JobTenants Tenants)
{
    /// <summary>The first turn, with nothing taken up.</summary>
    public static ClaimTurns First { get; } = Following(null);

    /// <summary>With nothing taken up.</summary>
    public static ClaimTurns Following(string? after) => new(after, new Dictionary<string, int>(StringComparer.Ordinal), JobTenants.Alike);

    /// <summary>Whether the tenant may have no more at present.</summary>
    public bool IsBusy(string tenant) => WaitingOf(tenant) >= Tenants.MostWaitingOf(tenant);

    /// <summary>How many tenants are to be looked at, so that those with fewer waiting are seen behind those with more.</summary>
    /// <param name="most">Free places.</param>
    public int Look(int most) => most + Waiting.Count;

    /// <summary>Divides places.</summary>
    /// <param name="tenants">Tenants with jobs in the queue, none of them busy, in their turn; each once.</param>
    /// <param name="most">Free places.</param>
    /// <returns>How many each gets.</returns>
    public int[] Divide(IReadOnlyList<string> tenants, int most)
    {
        var given = new int[tenants.Count];
        var order = new PriorityQueue<int, (double Part, int Turn)>();
        for (var i = 0; i < given.Length; i++)
        {
            Enqueue(i);
        }

        for (; most > 0 && order.TryDequeue(out var next, out _); most--)
        {
            given[next]++;
            Enqueue(next);
        }

        return given;

        void Enqueue(int i)
        {
            var waiting = WaitingOf(tenants[i]) + given[i];
            if (waiting < Tenants.MostWaitingOf(tenants[i]))
            {
                order.Enqueue(i, ((double)waiting / Tenants.WeightOf(tenants[i]), i));
            }
        }
    }

    private int WaitingOf(string tenant) => Waiting.TryGetValue(tenant, out var waiting) ? waiting : 0;
}
