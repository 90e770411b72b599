// A backend that writes down when each request's work starts and ends: RecordingBackend ADDRESS:PORT stops|goes-on BOUND_MS JOURNAL
//   /anything?id=a&ms=50  works for so long, at most for BOUND_MS, and answers with the id, and in X-Work with a name of this one work
//   stops      the work ends when its connection closes
//   goes-on    the work goes on to its end whatever becomes of the connection
using System.Net;
using Admission.RecordingBackend;

if (args is not [var address, "stops" or "goes-on", var bound, var file])
{
    Console.Error.WriteLine("RecordingBackend ADDRESS:PORT stops|goes-on BOUND_MS JOURNAL");
    return 2;
}

using var journal = new Journal(file);
using var server = new Server(IPEndPoint.Parse(address), stops: args[1] == "stops", TimeSpan.FromMilliseconds(int.Parse(bound)), journal);
Console.WriteLine($"Listening on {address}");
server.Run();
return 0;
