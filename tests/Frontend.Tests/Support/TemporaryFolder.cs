namespace Admission.Frontend.Tests.Support;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("admission-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
