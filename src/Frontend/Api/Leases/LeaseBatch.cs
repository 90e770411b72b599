using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Api.Leases;

/// <summary>Several leases that one request takes.</summary>
internal static class LeaseBatch
{
    /// <summary>Takes them, each for itself, and tells of all of them when the last is decided.</summary>
    /// <remarks>
    /// The first may be granted long before the last, and even end before that. So all are renewed with one message before the answer: it says what is held then, and for how long from then on.
    /// Either the answer tells of the leases that are held, or they are given back.
    /// </remarks>
    /// <param name="client">This process's client.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="wanted">What is wanted; at most <see cref="LeaseBody.MostWanted"/>.</param>
    /// <param name="left">The program does not wait for the answer any more.</param>
    /// <returns>What has become of each, in the same order; null if the backend is not configured here any more.</returns>
    public static async Task<LeaseResultView[]?> TakeAsync(AdmissionClient client, Backend backend, WantedLease[] wanted, CancellationToken left)
    {
        // Each waits for its own end, also if another fails: what is granted meanwhile has to be given back.
        var asked = Array.ConvertAll(wanted, each => client.LeaseAsync(backend.Id, each.Request, each.Ttl, left));
        var isTold = false;
        try
        {
            var answers = await Task.WhenAll(asked);
            var held = Held(asked);
            LeaseStatus[]? statuses = held.Length == 0 ? [] : await client.RenewLeasesAsync(backend.Id, held, left);
            if (statuses is null)
            {
                return null;
            }

            left.ThrowIfCancellationRequested();
            var results = new LeaseResultView[wanted.Length];
            for (var (i, next) = (0, 0); i < results.Length; i++)
            {
                results[i] = answers[i].State == LeaseState.Held ? ResultOf(backend, answers[i], wanted[i], statuses[next++]) : Refused(backend, answers[i], wanted[i]);
            }

            // Where the ledger cannot say how some stand the program has none, and tries again.
            isTold = Array.TrueForAll(statuses, status => status.Lease.State != LeaseState.Unsettled);
            return isTold ? results : Array.ConvertAll(results, result => result.Lease is null ? result : Unsettled(backend));
        }
        finally
        {
            if (!isTold && Held(asked) is { Length: > 0 } untold)
            {
                await client.ReleaseLeasesAsync(backend.Id, untold, CancellationToken.None);
            }
        }
    }

    private static LeaseId[] Held(Task<LeaseAnswer>[] asked) => [.. asked.Where(each => each is { IsCompletedSuccessfully: true, Result.State: LeaseState.Held }).Select(each => each.Result.Id)];

    private static LeaseResultView ResultOf(Backend backend, LeaseAnswer answer, in WantedLease wanted, in LeaseStatus status)
    {
        if (status.Lease.State != LeaseState.Held)
        {
            return Problem(LeaseProblems.Of(backend.Id, status.Lease.State));
        }

        return new LeaseResultView(StatusCodes.Status201Created, answer.Id.ToString(), LeaseView.Of(backend.Id, answer, wanted) with { ExpiresIn = status.Left.TotalSeconds }, null);
    }

    private static LeaseResultView Unsettled(Backend backend) => Problem(LeaseProblems.Of(backend.Id, LeaseState.Unconfirmed));

    private static LeaseResultView Refused(Backend backend, LeaseAnswer answer, in WantedLease wanted) => Problem(
        answer.Refusal is { } refusal ? RefusalText.Describe(backend, refusal, wanted.Request.Weight > 1) : LeaseProblems.Of(backend.Id, answer.State), answer.NameTicket());

    private static LeaseResultView Problem(Problem problem, TicketId ticket = default) => new(problem.Status, null, null, LeaseProblems.AsNode(problem, ticket));
}
