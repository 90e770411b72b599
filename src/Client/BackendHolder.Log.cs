using Microsoft.Extensions.Logging;

namespace Admission.Client;

/// <content>What is logged. Event ids 1000 to 1999 are the client's.</content>
internal sealed partial class BackendHolder
{
    [LoggerMessage(1002, LogLevel.Warning, "The lease on permits of backend '{Backend}' has run out in life {Incarnation} while requests were in flight.")]
    private partial void LogLeaseLost(string backend, long incarnation);

    [LoggerMessage(1003, LogLevel.Error, "The ledger refused the policy of backend '{Backend}': {Errors}")]
    private partial void LogPolicyRefused(string backend, string errors);

    [LoggerMessage(1004, LogLevel.Warning, "Left backend '{Backend}' with {InUse} permits in use: they stay booked until lease and quarantine have run out.")]
    private partial void LogLeftPermitsBehind(string backend, int inUse);

    [LoggerMessage(1006, LogLevel.Error, "The exchange loop of backend '{Backend}' has failed, and goes on.")]
    private partial void LogLoopFailed(Exception exception, string backend);

    [LoggerMessage(1005, LogLevel.Error, "Cancelling the requests in flight to backend '{Backend}' after their lease was lost has failed.")]
    private partial void LogCancellationFailed(Exception exception, string backend);

    [LoggerMessage(1007, LogLevel.Warning, "The policy of backend '{Backend}' cannot be delivered to its ledger yet, and is tried again until it is. The cause: {Cause}")]
    private partial void LogPolicyNotDelivered(string backend, string cause);

    [LoggerMessage(1050, LogLevel.Debug, "The ledger of backend '{Backend}' does not explain a ticket; what this process knows of it is told instead.")]
    private partial void LogExplainedHere(Exception exception, string backend);
}
