using Admission.Capacity;

namespace Admission.Frontend.Recording;

/// <summary>Records arrivals while the settings say so. Off, it costs a request the look at one field.</summary>
/// <remarks><see cref="Configure"/> has one caller at a time; everything else may be called by any thread.</remarks>
internal sealed class ArrivalRecorder(TimeProvider time, ILogger<ArrivalRecorder> logger) : IAsyncDisposable
{
    private volatile RecordingFile? _file;
    private volatile bool _wasOn;
    private RecorderSettings? _settings;
    private Task _ending = Task.CompletedTask;

    /// <summary>Begins, changes or ends the recording. One that is unchanged goes on, or stays full.</summary>
    public void Configure(RecorderSettings? settings)
    {
        if (settings == _settings)
        {
            return;
        }

        _settings = settings;
        var old = _file;
        var next = settings is null ? null : new RecordingFile(settings, time, logger);
        _wasOn |= next is not null;
        _file = next;
        _ending = TurnAsync(old, next);
    }

    /// <summary>A request asks for its permits.</summary>
    /// <returns>What follows the request; null while nothing is recorded.</returns>
    public RecordedRequest? Begin(HttpContext context, string backend, in AdmissionRequest request)
    {
        if (_file is not { IsOpen: true } file)
        {
            return null;
        }

        var recording = new RecordedRequest(file, time, backend, request);
        context.Features.Set(recording);
        return recording;
    }

    /// <summary>A request's permit has gone back.</summary>
    public void Released(HttpContext context, RunOutcome outcome)
    {
        if (_wasOn)
        {
            context.Features.Get<RecordedRequest>()?.Released(outcome);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending;
        if (_file is { } file)
        {
            await file.DisposeAsync();
        }
    }

    // The old one first: both may be the same file.
    private async Task TurnAsync(RecordingFile? old, RecordingFile? next)
    {
        await _ending;
        if (old is not null)
        {
            await old.DisposeAsync();
        }

        next?.Start();
    }
}
