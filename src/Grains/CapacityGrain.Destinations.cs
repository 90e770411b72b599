using Admission.Capacity;
using Microsoft.Extensions.Logging;

namespace Admission.Grains;

/// <content>What is logged of destinations that fail, and come back.</content>
public sealed partial class CapacityGrain
{
    private void Log(IReadOnlyList<DestinationChange> changes)
    {
        _row?.Count(changes);
        foreach (var (destination, from, to, time) in changes)
        {
            switch (from, to)
            {
                case (DestinationCondition.Trial, DestinationCondition.Withheld):
                    LogStillWithheld(destination, _backend, time.TotalSeconds);
                    break;
                case (_, DestinationCondition.Withheld):
                    LogWithheld(destination, _backend, time.TotalSeconds);
                    break;
                case (_, DestinationCondition.Trial):
                    LogTrial(destination, _backend);
                    break;
                case (_, DestinationCondition.SlowStart):
                    LogSlowStart(destination, _backend, time.TotalSeconds);
                    break;
                default:
                    LogInService(destination, _backend);
                    break;
            }
        }
    }

    [LoggerMessage(3010, LogLevel.Warning, "Destination '{Destination}' of backend '{Backend}' fails: connects, time-outs or broken connections in a row, and nobody is served there. Nothing is sent there for {Seconds:F1} s; then one request tries it.")]
    private partial void LogWithheld(string destination, string backend, double seconds);

    [LoggerMessage(3011, LogLevel.Debug, "One request tries destination '{Destination}' of backend '{Backend}'.")]
    private partial void LogTrial(string destination, string backend);

    [LoggerMessage(3012, LogLevel.Information, "Destination '{Destination}' of backend '{Backend}' has not served its trial. The next one is in {Seconds:F1} s.")]
    private partial void LogStillWithheld(string destination, string backend, double seconds);

    [LoggerMessage(3013, LogLevel.Information, "Destination '{Destination}' of backend '{Backend}' has served its trial. Its share grows to all of its limit within {Seconds:F1} s.")]
    private partial void LogSlowStart(string destination, string backend, double seconds);

    [LoggerMessage(3014, LogLevel.Information, "Destination '{Destination}' of backend '{Backend}' is back in service.")]
    private partial void LogInService(string destination, string backend);
}
