// A silo of its own is of use only in a cluster, and this version runs gateway and silo in one process.
Console.Error.WriteLine(
    """
    admission-silo: clusters of several processes are not part of this version.
    Run gateway, silo and state in one process instead:  dotnet run --project src/Frontend
    """);
return 2;
