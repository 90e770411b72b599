namespace Admission.RecordingBackend;

/// <summary>One request's work.</summary>
internal sealed class Work(string id)
{
    public string Id => id;

    public bool Ended { get; set; }
}
