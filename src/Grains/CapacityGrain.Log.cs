using Microsoft.Extensions.Logging;

namespace Admission.Grains;

/// <content>What is logged. Event ids 3000 to 3999 are the grains'.</content>
public sealed partial class CapacityGrain
{
    [LoggerMessage(3000, LogLevel.Information, "Backend '{Backend}' begins epoch {Epoch}. Stored lives: {Lives}; handed over: {HandedOver}.")]
    private partial void LogActivated(string backend, long epoch, int lives, bool handedOver);

    [LoggerMessage(3001, LogLevel.Information, "Backend '{Backend}' has left epoch {Epoch} to its successor.")]
    private partial void LogHandedOver(string backend, long epoch);

    [LoggerMessage(3002, LogLevel.Warning, "Backend '{Backend}' has a successor to epoch {Epoch} already.")]
    private partial void LogSuperseded(Exception exception, string backend, long epoch);

    [LoggerMessage(3003, LogLevel.Warning, "The ledger of backend '{Backend}' steps down from epoch {Epoch}: highest epoch seen in reports {Seen}, or a higher one in storage.")]
    private partial void LogSteppedDown(string backend, long epoch, long seen);

    [LoggerMessage(3004, LogLevel.Warning, "The record of backend '{Backend}', epoch {Epoch}, could not be written. Permits are granted while authority lasts; it is tried again until it works.")]
    private partial void LogStoreFailed(Exception exception, string backend, long epoch);

    [LoggerMessage(3006, LogLevel.Debug, "The record of backend '{Backend}', epoch {Epoch}, could not be written or read: failure {Count} in a row.")]
    private partial void LogStoreFailedAgain(Exception exception, string backend, long epoch, int count);

    [LoggerMessage(3007, LogLevel.Information, "The record of backend '{Backend}', epoch {Epoch}, is written again, after {Failures} failures.")]
    private partial void LogStoredAgain(string backend, long epoch, int failures);

    [LoggerMessage(3005, LogLevel.Debug, "A push from backend '{Backend}' to holder '{Holder}' has failed.")]
    private partial void LogPushFailed(Exception exception, string backend, string holder);
}
