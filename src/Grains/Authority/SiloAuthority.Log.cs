using Microsoft.Extensions.Logging;

namespace Admission.Grains.Authority;

/// <content>What is logged. Event ids 3050 to 3059 are the authority's.</content>
public sealed partial class SiloAuthority
{
    [LoggerMessage(3050, LogLevel.Warning, "The authority of this silo's ledgers ({Ledgers}) could not be renewed. What they have lasts for another {Left}; it is tried again until it works.")]
    private partial void LogFailing(Exception exception, int ledgers, TimeSpan left);

    [LoggerMessage(3051, LogLevel.Information, "The authority of this silo's ledgers ({Ledgers}) is renewed again, after {Duration} and {Attempts} failed attempts.")]
    private partial void LogRenewedAgain(int ledgers, TimeSpan duration, int attempts);

    [LoggerMessage(3052, LogLevel.Error, "The authority of this silo's ledgers ({Ledgers}) has run out: last renewed {Age} ago. They grant and renew nothing; holders go on with what they have until their leases end.")]
    private partial void LogRunOut(int ledgers, TimeSpan age);
}
