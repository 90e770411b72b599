using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Api;

/// <summary>A request of the admin API that a backend's ledger answers, or nobody.</summary>
internal static class LedgerQuestion
{
    /// <summary>Finds the backend and asks.</summary>
    /// <param name="backends">All backends.</param>
    /// <param name="id">The backend.</param>
    /// <param name="ask">Asks its ledger; null if the client does not have it.</param>
    public static async Task<IResult> AskAsync(BackendTable backends, string id, Func<Backend, Task<IResult?>> ask)
    {
        if (!backends.TryGet(id, out var backend) || backend is null)
        {
            // A program that renews its lease must not take a gateway that has just begun for one that knows better.
            return AdmissionApi.Answer(backends.WaitingFor(id) is { } waiting ? StartingProblem.Describe(id, waiting) : AdmissionApi.UnknownBackend(id));
        }

        if (!backend.Settings.IsEnforced)
        {
            return AdmissionApi.Answer(new Problem(StatusCodes.Status404NotFound, "not-protected", "The policy is not enforced",
                $"The policy of '{backend.Id}' is decided in shadow (Shadow: true), so no ledger has anything to tell of it. /admission/v1/backends/{backend.Id} has in \"shadow\" what it would have done.", backend.Id));
        }

        try
        {
            return await ask(backend) ?? AdmissionApi.Answer(Unreachable(backend.Id, "it is not configured yet."));
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or BadHttpRequestException))
        {
            return AdmissionApi.Answer(Unreachable(backend.Id, exception.Message));
        }
    }

    private static Problem Unreachable(string backend, string why) => new(
        StatusCodes.Status503ServiceUnavailable, "ledger-unreachable", "The ledger does not answer", $"The ledger of the backend '{backend}' does not answer as it should: {why}", backend)
    { RetryAfter = 1 };
}
