namespace Admission.Frontend.Configuration;

internal sealed partial class ConfigurationGate
{
    [LoggerMessage(2000, LogLevel.Information, "The changed configuration is in force.")]
    private partial void LogApplied();

    [LoggerMessage(2001, LogLevel.Error, "The changed configuration is refused, and the old one stays in force: it has {Count}:\n{Errors}")]
    private partial void LogRefused(string count, string errors);

    [LoggerMessage(2002, LogLevel.Error, "The changed configuration could not be checked; the old one stays in force.")]
    private partial void LogFailed(Exception exception);
}
