namespace Admission.Frontend.Recording;

internal sealed partial class RecordingFile
{
    [LoggerMessage(2031, LogLevel.Information, "Arrivals are recorded in {File}, until it has {MaxBytes} bytes.")]
    private partial void LogStarted(string file, long maxBytes);

    [LoggerMessage(2032, LogLevel.Warning, "The recording {File} is full: it would have more than {MaxBytes} bytes. It has {Written} requests of this run; {Dropped} were dropped. No more are recorded.")]
    private partial void LogFull(string file, long maxBytes, long written, long dropped);

    [LoggerMessage(2033, LogLevel.Error, "The recording {File} cannot be written. It has {Written} requests of this run. No more are recorded.")]
    private partial void LogFailed(Exception exception, string file, long written);

    [LoggerMessage(2034, LogLevel.Information, "The recording {File} has ended, with {Written} requests of this run; {Dropped} were dropped.")]
    private partial void LogEnded(string file, long written, long dropped);

    [LoggerMessage(2035, LogLevel.Warning, "The recording {File} cannot keep up: requests are left out of it.")]
    private partial void LogDropping(string file);
}
