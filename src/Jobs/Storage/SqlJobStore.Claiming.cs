using Dapper;

namespace Admission.Jobs.Storage;

/// <content>Taking jobs up.</content>
/// <remarks>
/// Tenants take turns: the queue's index is by tenant, so the next tenant that has a job is one look-up, however long the queue is. The turn goes on where the last claim of this gateway ended.
/// <see cref="ClaimTurns"/> says how many each gets; what a tenant does not have is asked for again by the next claim.
/// </remarks>
internal sealed partial class SqlJobStore
{
    // Names have no control characters, so nothing stands between a name and this.
    private const string Successor = "\u0001";

    /// <inheritdoc/>
    public Task<IReadOnlyList<JobClaim>> ClaimAsync(string backend, int most, TimeSpan ttl, string owner, ClaimTurns turns, CancellationToken cancellation) =>
        _database.ChangeAsync<IReadOnlyList<JobClaim>>(
            async (connection, transaction, token) =>
            {
                var tenants = await NextTenantsAsync();
                var claims = new List<JobClaim>();
                var given = turns.Divide(tenants, most);
                foreach (var (i, tenant) in tenants.Index().Where(each => given[each.Index] > 0))
                {
                    var parameters = new { owner, ttl = Milliseconds(ttl), service = Service, backend, tenant, most = given[i] };
                    var rows = await connection.QueryAsync<ClaimRow>(Command(_sql.Claim, parameters, transaction, token));
                    claims.AddRange(rows.OrderBy(row => row.Seq).Select(row => new JobClaim(row.Id, backend, tenant, row.Fence, row.Attempts, row.Request, row.Body ?? [])
                    {
                        HasCallback = row.Callback is not null,
                        TimeLeft = TimeSpan.FromMilliseconds(row.TimeLeft),
                    }));
                }

                return claims;

                async Task<List<string>> NextTenantsAsync()
                {
                    var (found, seen) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
                    var (from, look) = (turns.After is null ? "" : turns.After + Successor, turns.Look(most));
                    for (var wrapped = from.Length == 0; found.Count < look;)
                    {
                        var next = await connection.QueryFirstOrDefaultAsync<string>(Command(_sql.NextTenant, new { service = Service, backend, from }, transaction, token));
                        if (next is not null && seen.Add(next))
                        {
                            from = next + Successor;
                            if (!turns.IsBusy(next))
                            {
                                found.Add(next);
                            }
                        }
                        else if (wrapped || next is not null)
                        {
                            break;
                        }
                        else
                        {
                            wrapped = true;
                            from = "";
                        }
                    }

                    return found;
                }
            },
            cancellation);

    private sealed class ClaimRow
    {
        public long Seq { get; init; }

        public string Id { get; init; } = "";

        public long Fence { get; init; }

        public int Attempts { get; init; }

        public byte[] Request { get; init; } = [];

        public byte[]? Body { get; init; }

        public string? Callback { get; init; }

        public long TimeLeft { get; init; }
    }
}
