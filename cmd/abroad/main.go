// Command abroad tells which jurisdictions a mobile app's data flows to.
package main

func main() {}
